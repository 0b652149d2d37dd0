import { randomBytes } from 'node:crypto';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer, type TLSSocket } from 'node:tls';
import { isNativeError } from 'node:util/types';
import { EkoError, LIMITS } from '@eko/protocol';
import { awaitReason } from './await-reason';
import { exchangeConfirmations } from './confirmation';
import type { DataDirection } from './granted-directions';
import type { LiveStreams } from './live-streams';
import { leaveRoomForListeners, type SecureStream } from './secure-stream';
import { StreamAdmission, type AdmissionLimits, type AdmissionRefusal } from './stream-admission';
import { systemStreamClock, type StreamClock } from './stream-clock';
import { PSK_BYTES, lendPsk, type StreamCredentials } from './stream-credentials';
import type { StreamCipherPolicy } from './stream-cipher-suites';
import {
  HANDSHAKE_MS,
  KEEP_ALIVE_MS,
  STREAM_ALPN_PROTOCOLS,
  handshakeRefusedError,
  streamContextOptions,
  verifyPskUsed,
} from './tls-profile';

/** Whose connection a handler was given. */
export interface AcceptedStream {
  /** `bundleId/index`. */
  readonly streamId: string;
  /** Which key of the stream the connection is under, from 1. */
  readonly epoch: number;
  /** The other side's IP address. */
  readonly remoteAddress: string;
}

/** Serves one connection. When it throws or rejects, the connection is destroyed with that error. */
export type StreamHandler = (stream: SecureStream, accepted: AcceptedStream) => void | Promise<void>;

/**
 * Resolves when there is somebody to serve a connection, which is destroyed where it rejects; its initiator waits until
 * then, and sends nothing. The connection is the one that the handler gets, and is not to be used before.
 */
export type StreamReadiness = (streamId: string, connection: SecureStream) => Promise<void>;

/** Bounds of a stream server. */
export interface StreamServerLimits extends AdmissionLimits {
  /** Bounds a stream's connections below what its policy allows. */
  readonly connectionsPerStream: number;
}

/** Why a connection was turned away: for counters and logs, never told to the peer. */
export type StreamRefusal = AdmissionRefusal | 'accept' | 'ended' | 'connections' | 'confirmation';

/** What a stream server is made of. */
export interface SecureStreamServerOptions {
  /** The streams it serves; their credentials are granted there, for the role `provider`. */
  readonly streams: LiveStreams;
  readonly handler: StreamHandler;
  readonly ready?: StreamReadiness | undefined;
  readonly ciphers?: StreamCipherPolicy;
  readonly limits?: Partial<StreamServerLimits>;
  readonly clock?: StreamClock;
  readonly onRefused?: (refusal: StreamRefusal) => void;
}

/** Where a stream server listens. */
export interface StreamListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Small messages leave at once, and a peer that is gone is noticed. */
const TCP_OPTIONS = { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS } as const;

const DEFAULT_LIMITS: StreamServerLimits = {
  pendingHandshakes: 1_024,
  pendingEach: 768,
  handshakeMs: HANDSHAKE_MS,
  connectionsPerStream: LIMITS.connectionsPerStream,
};

/**
 * The provider's end: one listening socket for all its streams. Which stream a connection belongs to follows from the
 * PSK identity that it proved, and from nothing else.
 *
 * The TCP server and the TLS server are two, so that a connection is counted, limited and on a deadline before TLS
 * spends anything on it.
 * @see docs/protocol.md, "5. The key and the stream"
 */
export class SecureStreamServer {
  readonly #streams: LiveStreams;
  readonly #handler: StreamHandler;
  readonly #ready: StreamReadiness | undefined;
  readonly #limits: StreamServerLimits;
  readonly #onRefused: (refusal: StreamRefusal) => void;
  readonly #admission: StreamAdmission;
  readonly #tcp: Server;
  readonly #tls: TlsServer;
  readonly #live = new Set<TLSSocket>();
  /** What the PSK callback answered on each socket. */
  readonly #offered = new WeakMap<TLSSocket, StreamCredentials>();
  /** The answer to every identity that may not be used: then it looks to the peer as if its key were wrong. */
  readonly #decoyPsk = randomBytes(PSK_BYTES);

  constructor(options: SecureStreamServerOptions) {
    this.#streams = options.streams;
    this.#handler = options.handler;
    this.#ready = options.ready;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#onRefused = options.onRefused ?? (() => undefined);
    this.#admission = new StreamAdmission(this.#limits, options.clock ?? systemStreamClock, this.#onRefused);
    this.#tls = createTlsServer({
      ...streamContextOptions(options.ciphers),
      ALPNProtocols: STREAM_ALPN_PROTOCOLS,
      handshakeTimeout: this.#limits.handshakeMs,
      pskCallback: (socket, identity) => this.#pskFor(socket, identity),
    });
    this.#tls.on('secureConnection', (socket) => void this.#accept(socket));
    this.#tls.on('tlsClientError', (_error, socket) => socket.destroy());
    this.#tcp = createServer(TCP_OPTIONS, (socket) => {
      this.#admit(socket);
    });
  }

  /** Connections that have not proved a key yet, and those that have. */
  get connections(): { readonly pending: number; readonly live: number } {
    return { pending: this.#admission.size, live: this.#live.size };
  }

  /**
   * Starts to listen; port 0 picks a free one.
   * @throws EkoError `INVALID_CONFIG` when the address cannot be had
   */
  listen(address: StreamListenAddress): Promise<StreamListenAddress> {
    return new Promise((resolve, reject) => {
      const onError = (cause: Error) => {
        reject(
          new EkoError(
            'INVALID_CONFIG',
            `Cannot listen on ${address.host} port ${address.port}; choose another`,
            {
              details: { host: address.host, port: address.port },
              cause,
            },
          ),
        );
      };
      this.#tcp.once('error', onError).listen(address.port, address.host, () => {
        this.#tcp.off('error', onError).on('error', () => {
          this.#onRefused('accept');
        });
        resolve({ host: address.host, port: portOf(this.#tcp.address()) });
      });
    });
  }

  /** Stops listening and destroys all connections with `SHUTTING_DOWN`; the streams themselves are left alone. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#tcp.close(() => {
        resolve();
      });
      this.#admission.close();
      const error = new EkoError('SHUTTING_DOWN', 'The provider is stopping; open the stream again later');
      for (const socket of [...this.#live]) socket.destroy(error);
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #admit(socket: Socket): void {
    // Errors of the TCP socket close the TLS socket over it, which is where they are dealt with.
    socket.on('error', () => undefined);
    if (this.#admission.admit(socket)) this.#tls.emit('connection', socket);
  }

  /** Synchronous and without effect but the note on the socket: TLS calls it twice after a HelloRetryRequest. */
  #pskFor(socket: TLSSocket, identity: string): Buffer {
    const credentials = this.#streams.credentialsFor(identity, 'provider');
    if (credentials === undefined) {
      this.#offered.delete(socket);
      return this.#decoyPsk;
    }
    this.#offered.set(socket, credentials);
    return lendPsk(credentials.psk);
  }

  async #accept(socket: TLSSocket): Promise<void> {
    // The application hears of an error where it reads or writes; without a listener it must not end the process.
    socket.on('error', () => undefined);
    // Only now: a peer that closes its side during the handshake has nothing more to say.
    socket.allowHalfOpen = true;
    this.#live.add(socket);
    socket.once('close', () => this.#live.delete(socket));
    const credentials = await this.#confirm(socket);
    if (credentials === undefined) return;
    const { streamId, epoch } = credentials;
    try {
      await this.#handler(leaveRoomForListeners(socket), {
        streamId,
        epoch,
        remoteAddress: socket.remoteAddress ?? '',
      });
    } catch (error) {
      socket.destroy(isNativeError(error) ? error : new EkoError('INTERNAL', 'The stream handler failed'));
    }
  }

  /** A peer that has proved the key is a stranger no more, however long it waits. */
  #readiness(socket: TLSSocket, { streamId }: StreamCredentials): (() => Promise<void>) | undefined {
    const ready = this.#ready;
    if (ready === undefined) return undefined;
    return async () => {
      this.#admission.settle(socket);
      await ready(streamId, socket);
      if (socket.destroyed) throw handshakeRefusedError();
    };
  }

  /** From the TLS handshake to a proved peer. What the callback checked is checked again: time has passed. */
  async #confirm(socket: TLSSocket): Promise<StreamCredentials | undefined> {
    let stage: StreamRefusal = 'handshake';
    try {
      verifyPskUsed(socket);
      stage = 'ended';
      const credentials = this.#streams.credentialsFor(this.#offered.get(socket)?.identity ?? '', 'provider');
      if (credentials === undefined) throw handshakeRefusedError();
      stage = 'connections';
      if (this.#streams.connectionCount(credentials.streamId) >= this.#limits.connectionsPerStream)
        throw handshakeRefusedError();
      const cut = (error: EkoError) => socket.destroy(error);
      socket.once('close', this.#streams.hold(credentials, cut));
      stage = 'confirmation';
      const onRefused = (direction: DataDirection) => {
        this.#streams.onDirectionRefused(credentials.streamId, direction);
      };
      const ready = this.#readiness(socket, credentials);
      await exchangeConfirmations(socket, 'provider', credentials, onRefused, ready);
      awaitReason(socket, (loss) => this.#streams.lost(credentials, cut, loss));
      this.#admission.settle(socket);
      this.#streams.traffic.opened(credentials, socket);
      return credentials;
    } catch {
      if (this.#admission.settle(socket)) this.#onRefused(stage);
      socket.destroy();
      return undefined;
    }
  }
}

function portOf(address: string | AddressInfo | null): number {
  if (address === null || typeof address === 'string') throw new TypeError('A stream server listens on TCP');
  return address.port;
}
