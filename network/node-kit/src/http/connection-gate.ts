import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Server, Socket } from 'node:net';
import { ConnectionShares, addressShareOf, connectionIdOf } from '@eko/sdk/node';
import type { ServerLimits } from './server-limits';

/**
 * Why somebody was turned away at a port: its connection made room for a newer one, ended before it was known whose it
 * was, showed no registered certificate; its call showed no token, or came too soon after others.
 */
export type Refusal = 'crowded' | 'handshake' | 'certificate' | 'token' | 'rate';

/** Told of each refusal, with the address that it came from; for counters and logs. */
export type OnRefused = (refusal: Refusal, remoteAddress: string) => void;

/** How many connections a port keeps open at a time, and how many of one address or one caller. */
export type GateLimits = Pick<
  ServerLimits,
  'strangers' | 'strangersEach' | 'connections' | 'connectionsEach'
>;

/**
 * The open connections of one port: those of strangers, in shares of an address, and those of callers that have shown
 * who they are, in shares of a caller. Where there are too many, the oldest makes room. So what strangers open takes
 * nothing from callers that are known, and little from a stranger who is about to be.
 */
export class ConnectionGate {
  readonly #strangers: ConnectionShares;
  readonly #known: ConnectionShares;
  readonly #onRefused: OnRefused;
  readonly #sockets = new Set<Socket>();
  /** Connections with a request that is not answered yet. */
  readonly #busy = new WeakSet<Socket>();

  constructor(limits: GateLimits, onRefused: OnRefused = () => undefined) {
    this.#strangers = new ConnectionShares({ most: limits.strangers, mostEach: limits.strangersEach });
    this.#known = new ConnectionShares({ most: limits.connections, mostEach: limits.connectionsEach });
    this.#onRefused = onRefused;
  }

  /** Connections whose caller is not known, and those of callers that are. */
  get connections(): { readonly strangers: number; readonly known: number } {
    return { strangers: this.#strangers.size, known: this.#known.size };
  }

  /** Counts every connection of a server, from its first moment. */
  watch(server: Server): void {
    server.on('connection', (socket: Socket) => {
      const id = connectionIdOf(socket);
      const { remoteAddress } = socket;
      if (id === undefined || remoteAddress === undefined) {
        socket.destroy();
        return;
      }
      this.#sockets.add(socket);
      this.#strangers.add(addressShareOf(remoteAddress), id, () => {
        this.#end(socket, 'crowded', remoteAddress);
      });
      socket.once('close', () => {
        this.#sockets.delete(socket);
        this.#known.remove(id);
        if (this.#strangers.remove(id)) this.#onRefused('handshake', remoteAddress);
      });
    });
  }

  /**
   * Whether a request may be served: a connection carries one at a time, and ends where another comes before the answer.
   * HTTP would let thousands come in one packet, which would all be held, whoever sent them.
   */
  begins(request: IncomingMessage, response: ServerResponse): boolean {
    const { socket } = request;
    if (socket.destroyed || this.#busy.has(socket)) {
      if (!socket.destroyed) this.#end(socket, 'rate', socket.remoteAddress ?? '');
      // At once: for each that is left to the close of its connection the server makes an error, at a high price.
      request.destroy();
      return false;
    }
    this.#busy.add(socket);
    const answered = (): void => void this.#busy.delete(socket);
    response.once('finish', answered).once('close', answered);
    return true;
  }

  /** Gives a listener only those requests that may be served. */
  oneAtATime(listener: RequestListener): RequestListener {
    return (request, response) => {
      if (this.begins(request, response)) listener(request, response);
    };
  }

  /** Whether a connection's caller is known. */
  isKnown(socket: Socket): boolean {
    return this.#known.has(connectionIdOf(socket) ?? '');
  }

  /** A connection's caller is known: from now on it counts as that caller's. Takes the TCP or the TLS socket. */
  recognise(socket: Socket, caller: string): void {
    const id = connectionIdOf(socket);
    if (id === undefined || !this.#strangers.remove(id)) return;
    this.#known.add(caller, id, () => {
      this.#end(socket, 'crowded', socket.remoteAddress ?? '');
    });
  }

  /** Ends the connection of a stranger who has shown that it is none of the callers. */
  refuse(socket: Socket, refusal: Refusal): void {
    const id = connectionIdOf(socket);
    if (id !== undefined) this.#strangers.remove(id);
    this.#end(socket, refusal, socket.remoteAddress ?? '');
  }

  /** Ends every connection. */
  destroyAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #end(socket: Socket, refusal: Refusal, remoteAddress: string): void {
    this.#onRefused(refusal, remoteAddress);
    socket.destroy();
  }
}
