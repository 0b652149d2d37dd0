import type { Server as HttpServer, IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import { EkoError, type ErrorCode } from '@eko/protocol';
import { parseStrictJson, utf8Decode } from '@eko/protocol/encoding';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '../logging/logger';
import type { ConnectionGate } from './connection-gate';
import { failureOf, problemAnswer, refuseUnparsed, unsupportedMediaType } from './http-failure';
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

/** What a server is made of. */
export interface StrictServerOptions {
  readonly limits: ServerLimits;
  readonly logger: Logger;
  readonly onAnswered?: ((facts: RequestFacts) => void) | undefined;
  /** The connections that are kept; `admit` tells it whose one is. */
  readonly gate: ConnectionGate;
  /** Makes the socket server, with the options of `serverOptionsOf`; what its gate lets begin goes to the listener. */
  readonly newServer: (listener: RequestListener) => HttpServer | HttpsServer;
  /** Who is calling which route, if there is one; throws to refuse before any of the body is read. */
  readonly admit: (request: IncomingMessage, route: string | undefined) => void;
  /** Answers a request that waits to be told to send its body; answers whether it did. */
  readonly onExpectation?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

/** A server whose routes can still be added. */
export interface StrictServer extends NodeServer {
  readonly app: FastifyInstance;
  readonly server: HttpServer | HttpsServer;
}

/**
 * Routes have no schemas of the framework: handlers check their input themselves, without coercion. Saying so keeps its
 * compilers from being loaded, which cost a node a tenth of its start and 9 MB.
 */
const NO_COMPILERS = {
  buildValidator: () => () => refuseSchemas(),
  buildSerializer: () => () => refuseSchemas(),
};

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
 * An HTTP server that takes JSON and nothing else: no coercion, no unknown fields, no duplicate keys, bounded in size,
 * depth, number and time; every failure is a problem document.
 */
export async function newStrictServer(options: StrictServerOptions): Promise<StrictServer> {
  // Loaded here, so that a command that starts no server does not pay for it.
  const { fastify } = await import('fastify');
  const { limits, logger } = options;
  let isClosing = false;
  const failures = new WeakMap<ServerResponse, ErrorCode>();
  const answerFailure = (error: unknown, reply: FastifyReply, route: string): void => {
    const failure = failureOf(error);
    failures.set(reply.raw, failure.code);
    if (failure.blame === 'internal') logger.error('request failed', { route, error });
    else logger.debug('request refused', { route, error: failure });
    const { status, headers, body } = problemAnswer(failure);
    // As bytes: the framework adds a charset to text.
    void reply.code(status).headers(headers).send(Buffer.from(body));
  };

  const app: FastifyInstance = fastify({
    logger: false,
    bodyLimit: limits.bodyBytes,
    return503OnClosing: false,
    exposeHeadRoutes: false,
    forceCloseConnections: false,
    schemaController: { compilersFactory: NO_COMPILERS },
    routerOptions: { maxParamLength: limits.pathCharacters },
    serverFactory: (listener) => options.newServer(listener) as HttpServer,
    clientErrorHandler: (error, socket) => {
      refuseUnparsed(socket, error);
    },
    frameworkErrors: (error, _request, reply) => {
      answerFailure(error, reply, 'unrouted');
    },
  });
  const { server } = app;
  options.gate.watch(server);
  // They are counted when all are there: versions of Node differ in what they do of a count. Their bytes are bounded.
  server.maxHeadersCount = 0;
  server.setTimeout(limits.idleMs, (socket: Socket) => {
    socket.destroy();
  });
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (!options.gate.begins(request, response)) return;
    if (options.onExpectation?.(request, response) === true) return;
    response.writeHead(417, { connection: 'close' }).end();
  });

  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (_request: FastifyRequest, body: Buffer) =>
      parseStrictJson(utf8Decode(body), { maxBytes: body.length, maxDepth: limits.jsonDepth }),
  );
  app.addHook('onRequest', async ({ raw, routeOptions }) => {
    if (isClosing) throw new EkoError('SHUTTING_DOWN', 'The node is stopping; ask again later');
    refuseOddRequest(raw, limits);
    options.admit(raw, routeOptions.url);
  });
  app.addHook('onResponse', async (request, reply) => {
    const code = failures.get(reply.raw);
    options.onAnswered?.({
      ...(code === undefined ? {} : { code }),
      route: routeOf(request),
      method: request.method,
      status: reply.statusCode,
      durationSeconds: reply.elapsedTime / 1000,
    });
  });
  app.setNotFoundHandler((_request, reply) => {
    answerFailure(new EkoError('NOT_FOUND', 'There is nothing at this address'), reply, 'unrouted');
  });
  app.setErrorHandler((error, request, reply) => {
    answerFailure(error, reply, routeOf(request));
  });

  return {
    app,
    server,
    listen: (address) => listenOn(app, address),
    close: async ({ drainMs = DEFAULT_DRAIN_MS } = {}) => {
      isClosing = true;
      const timer = setTimeout(() => {
        options.gate.destroyAll();
      }, drainMs);
      server.closeIdleConnections();
      await app.close();
      clearTimeout(timer);
    },
  };
}

function refuseSchemas(): never {
  throw new TypeError('routes check their input themselves: a schema of the framework would coerce it');
}

function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? 'unrouted';
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

async function listenOn(app: FastifyInstance, address: ListenAddress): Promise<ListenAddress> {
  try {
    await app.listen({ host: address.host, port: address.port });
  } catch (error) {
    throw new EkoError(
      'INVALID_CONFIG',
      `Cannot listen on ${address.host}:${address.port}; is the port taken?`,
      {
        details: { host: address.host, port: address.port },
        cause: error,
      },
    );
  }
  const bound = app.server.address();
  return {
    host: address.host,
    port: typeof bound === 'object' && bound !== null ? bound.port : address.port,
  };
}
