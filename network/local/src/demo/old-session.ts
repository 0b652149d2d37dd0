import { EkoError } from '@eko/protocol';
import { STREAM_ALPN } from '@eko/protocol/crypto';
import { once } from 'node:events';
import { TLSSocket, connect } from 'node:tls';

const HANDSHAKE_MS = 5_000;

/** A TLS session that somebody keeps, to come back without the key, as tickets allow by default. */
export class OldSession {
  readonly #socket: TLSSocket;
  readonly #kept: Buffer | undefined;
  readonly #tickets: Buffer[] = [];

  /** Watches a live connection; every ticket that its server issues is kept. */
  constructor(connection: unknown) {
    if (!(connection instanceof TLSSocket)) throw new TypeError('a secure stream is a TLS socket');
    this.#socket = connection;
    connection.on('session', (ticket: Buffer) => this.#tickets.push(ticket));
    this.#kept = connection.getSession();
  }

  /** Ends the connection that the session is of. */
  close(): void {
    this.#socket.destroy();
  }

  /**
   * Tries to resume: offers the last ticket, or the session itself, no key, and takes any server for good.
   *
   * @throws EkoError `HANDSHAKE_REFUSED` where the server does not let it in, `DEADLINE_EXCEEDED`
   */
  async resume(address: { readonly host: string; readonly port: number }): Promise<void> {
    const session = this.#tickets.at(-1) ?? this.#kept;
    const socket = connect({
      ...address,
      ...(session === undefined ? {} : { session }),
      minVersion: 'TLSv1.3',
      ALPNProtocols: [STREAM_ALPN],
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    });
    const deadline = AbortSignal.timeout(HANDSHAKE_MS);
    try {
      await once(socket, 'secureConnect', { signal: deadline });
    } catch (error) {
      if (deadline.aborted)
        throw new EkoError('DEADLINE_EXCEEDED', 'The server did not answer the old session');
      throw new EkoError('HANDSHAKE_REFUSED', 'The server does not resume the old session', { cause: error });
    } finally {
      socket.destroy();
    }
  }
}
