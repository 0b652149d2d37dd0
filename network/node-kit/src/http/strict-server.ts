import type { Server as HttpServer, IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import { EkoError, type ErrorCode } from '@eko/protocol';
import { parseStrictJson, utf8Decode } from '@eko/protocol/encoding';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '../logging/logger';
import {
  boundServer,
  drained,
  listenOn,
  refuseOddRequest,
  type NodeServer,
  type RequestFacts,
} from './bounded-server';
import type { ConnectionGate } from './connection-gate';
import { endingAfterAnswer } from './early-answer';
import { failureOf, problemAnswer, refuseUnparsed } from './http-failure';
import type { ServerLimits } from './server-limits';

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
    void reply
      .code(status)
      .headers({ ...headers, ...endingAfterAnswer(reply.request.raw) })
      .send(Buffer.from(body));
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
  boundServer(server, limits, options.gate, options.onExpectation);

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
    listen: (address) => listenOn(server, address, (at) => app.listen(at)),
    close: async ({ drainMs } = {}) => {
      isClosing = true;
      server.closeIdleConnections();
      await drained(options.gate, () => app.close(), drainMs);
    },
  };
}

function refuseSchemas(): never {
  throw new TypeError('routes check their input themselves: a schema of the framework would coerce it');
}

function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? 'unrouted';
}
