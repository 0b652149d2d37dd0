import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import { EkoError, type ErrorCode } from '@eko/protocol';
import type { ConnectionGate } from './connection-gate';
import { unsupportedMediaType } from './http-failure';
import type { ServerLimits } from './server-limits';

/** What a server tells about each request it answered; `route` is its pattern, never the path itself. */
export interface RequestFacts {
  readonly route: string;
  readonly method: string;
  readonly status: number;
  readonly durationSeconds: number;
  /** Why it was refused or failed. */
  readonly code?: ErrorCode;
}

/** Where a server listens. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** A server as its node starts and stops it. */
export interface NodeServer {
  /**
   * @returns the address, with the port that the system chose for port 0
   * @throws EkoError `INVALID_CONFIG` if the address is taken or not ours
   */
  listen(address: ListenAddress): Promise<ListenAddress>;
  /** Refuses new requests, waits at most `drainMs` for those under way, then ends every connection. */
  close(options?: { readonly drainMs?: number }): Promise<void>;
}

const DEFAULT_DRAIN_MS = 5_000;
/** Longest time that a timeout is noticed late. */
const CHECKING_INTERVAL_MS = 1_000;

/** The limits as Node's HTTP server takes them. */
export function serverOptionsOf(limits: ServerLimits) {
  return {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.idleMs,
    connectionsCheckingInterval: Math.min(CHECKING_INTERVAL_MS, limits.headersMs, limits.requestMs),
    noDelay: true,
  };
}

/**
 * Bounds a server's connections, and what of HTTP is left to it.
 *
 * @param onExpectation - answers a request that waits to be told to send its body; answers whether it did
 */
export function boundServer(
  server: HttpServer | HttpsServer,
  limits: ServerLimits,
  gate: ConnectionGate,
  onExpectation: (request: IncomingMessage, response: ServerResponse) => boolean = () => false,
): void {
  gate.watch(server);
  // They are counted when all are there: versions of Node differ in what they do of a count. Their bytes are bounded.
  server.maxHeadersCount = 0;
  server.setTimeout(limits.idleMs, (socket: Socket) => {
    socket.destroy();
  });
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (!gate.begins(request, response)) return;
    if (onExpectation(request, response)) return;
    response.writeHead(417, { connection: 'close' }).end();
  });
}

/** Refuses what no route takes: another HTTP, too many headers, a compressed body. */
export function refuseOddRequest(request: IncomingMessage, limits: ServerLimits): void {
  if (request.httpVersion !== '1.1') throw new EkoError('INVALID_ARGUMENT', 'Only HTTP/1.1 is spoken here');
  if (request.rawHeaders.length / 2 > limits.headers) {
    throw new EkoError('TOO_LARGE', `At most ${limits.headers} headers are taken`, {
      details: { headers: limits.headers },
    });
  }
  if (request.headers['content-encoding'] !== undefined) throw unsupportedMediaType();
}

/**
 * Has a server listen.
 *
 * @returns the address, with the port that the system chose for port 0
 * @throws EkoError `INVALID_CONFIG`
 */
export async function listenOn(
  server: HttpServer | HttpsServer,
  { host, port }: ListenAddress,
  listen: (address: ListenAddress) => Promise<unknown> = (address) => listening(server, address),
): Promise<ListenAddress> {
  try {
    await listen({ host, port });
  } catch (error) {
    throw new EkoError('INVALID_CONFIG', `Cannot listen on ${host}:${port}; is the port taken?`, {
      details: { host, port },
      cause: error,
    });
  }
  const bound = server.address();
  return { host, port: typeof bound === 'object' && bound !== null ? bound.port : port };
}

function listening(server: HttpServer | HttpsServer, { host, port }: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Waits for `ended`, at most `drainMs` before every connection is ended. */
export async function drained(
  gate: ConnectionGate,
  ended: () => PromiseLike<unknown>,
  drainMs: number = DEFAULT_DRAIN_MS,
): Promise<void> {
  const timer = setTimeout(() => {
    gate.destroyAll();
  }, drainMs);
  await ended();
  clearTimeout(timer);
}
