import { setMaxListeners } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ERROR_CODES, EkoError } from '@eko/protocol';
import { parseWith, propertiesOf, type Static, type TSchema } from '@eko/protocol/encoding';
import type { Logger } from '../logging/logger';
import type { BearerTokens } from './bearer-tokens';
import { serveBody, withBodyRoute, type BodyRoute } from './body-route';
import { cutConnection } from './cut-connection';
import { EventFeed, type FeedSubscriber } from './event-feed';
import { handleWithin } from './handler-deadline';
import { failureOf, refuseConnection } from './http-failure';
import { newLocalAdmission, newLocalGate } from './local-admission';
import type { OnRefused } from './connection-gate';
import { DEFAULT_SERVER_LIMITS, type ServerLimits } from './server-limits';
import { serverOptionsOf, type NodeServer, type RequestFacts } from './bounded-server';
import { newStrictServer } from './strict-server';

/** The parts of a request that a route's handler gets, checked. */
export interface LocalCall<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/** An answer with its status. */
export interface LocalAnswer {
  readonly status: number;
  readonly value: unknown;
}

/** A route of a local API as its server holds it. */
export interface LocalRoute {
  readonly method: 'GET' | 'POST';
  /** A pattern: `:name` marks a parameter. */
  readonly path: string;
  readonly bodyBytes?: number;
  readonly isPublic?: boolean;
  /** Whether it is outside every limit of how often callers with a token may call: what takes something away. */
  readonly isUrgent?: boolean;
  readonly handle: (call: LocalCall<unknown, unknown, unknown>) => Promise<LocalAnswer>;
}

/** Makes a route whose handler gets its parts checked and typed; text parameters become numbers where the schema says so. */
export function localRoute<Params extends TSchema, Query extends TSchema, Body extends TSchema>(options: {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly bodyBytes?: number;
  readonly isPublic?: boolean;
  readonly isUrgent?: boolean;
  readonly handle: (call: LocalCall<Static<Params>, Static<Query>, Static<Body>>) => Promise<LocalAnswer>;
}): LocalRoute {
  const { params, query, body, handle, ...rest } = options;
  return {
    ...rest,
    handle: (call) =>
      handle({
        ...call,
        params: parseWith(params, withNumbers(params, call.params), 'the path'),
        query: parseWith(query, withNumbers(query, call.query), 'the query'),
        body: parseWith(body, call.body === undefined ? {} : call.body, 'the request body'),
      }),
  };
}

/** What a local server is made of. */
export interface LocalServerOptions {
  readonly routes: readonly LocalRoute[];
  readonly tokens: BearerTokens;
  readonly limits?: Partial<ServerLimits>;
  readonly logger: Logger;
  readonly onAnswered?: (facts: RequestFacts) => void;
  readonly onRefused?: OnRefused;
  /** Monotonic milliseconds; the process's own by default. */
  readonly nowMs?: () => number;
  /** A server-sent event feed at one path. */
  readonly feed?: {
    readonly path: string;
    readonly mostSubscribers: number;
    readonly subscribe: (subscriber: FeedSubscriber) => () => void;
  };
  /** A route that carries bodies without end. */
  readonly bodies?: BodyRoute;
  /** Takes over connections that ask for an upgrade; throws to refuse. It answers the upgrade itself. */
  readonly upgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => Promise<void>;
}

/**
 * The HTTP server of an API for programs on the same host: bearer tokens, strict JSON, problem documents, bounded in
 * every way.
 */
export async function createLocalServer(options: LocalServerOptions): Promise<NodeServer> {
  const { logger, feed, bodies, upgrade } = options;
  const limits = { ...DEFAULT_SERVER_LIMITS, ...options.limits };
  const gate = newLocalGate(limits, options.onRefused);
  const admit = newLocalAdmission({ ...options, limits, gate });
  const stopping = new AbortController();
  // Every body under way listens to it.
  setMaxListeners(0, stopping.signal);
  const own = { limits, logger, onAnswered: options.onAnswered, admit, closing: stopping.signal };
  const strict = await newStrictServer({
    limits,
    logger,
    onAnswered: options.onAnswered,
    gate,
    newServer: (listener) =>
      bodies === undefined
        ? createServer(serverOptionsOf(limits), gate.oneAtATime(listener))
        : createServer(
            { ...serverOptionsOf(limits), requestTimeout: 0 },
            gate.oneAtATime(withBodyRoute(bodies, own, listener)),
          ),
    admit,
    onExpectation: (request, response) => {
      if (bodies?.matches(request) !== true) return false;
      void serveBody(bodies, own, request, response);
      return true;
    },
  });
  for (const route of options.routes) {
    strict.app.route({
      method: route.method,
      url: route.path,
      bodyLimit: route.bodyBytes ?? limits.bodyBytes,
      handler: async (request, reply) => {
        const { status, value } = await handleWithin(reply.raw, limits.handlerMs, (signal) =>
          route.handle({
            params: request.params,
            query: request.query,
            body: request.body,
            headers: flatHeaders(request.headers),
            signal,
          }),
        );
        return (
          reply
            .code(status)
            .header('cache-control', 'no-store')
            .type('application/json')
            // As bytes: the framework adds a charset to text.
            .send(Buffer.from(JSON.stringify(value ?? null)))
        );
      },
    });
  }
  const feeds = feed === undefined ? undefined : new EventFeed(feed.mostSubscribers, feed.subscribe);
  if (feed !== undefined && feeds !== undefined) {
    strict.app.get(feed.path, (request, reply) => {
      feeds.open(request.headers['last-event-id'], reply.raw);
      reply.hijack();
    });
  }
  const upgraded = new Set<Duplex>();
  let isClosing = false;
  strict.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    upgraded.add(socket);
    socket.once('close', () => upgraded.delete(socket));
    socket.on('error', () => socket.destroy());
    // The server's limit on silence is one of HTTP; a stream may be silent for as long as it lives.
    if (socket instanceof Socket) socket.setTimeout(0);
    const answered = async (): Promise<void> => {
      if (isClosing) throw new EkoError('SHUTTING_DOWN', 'The node is stopping; ask again later');
      admit(request, undefined);
      if (upgrade === undefined) throw new EkoError('NOT_FOUND', 'There is nothing at this address');
      await upgrade(request, socket, head);
    };
    answered().catch((error: unknown) => {
      const failure = failureOf(error);
      options.onAnswered?.({
        ...{ route: 'upgrade', method: 'GET', code: failure.code, durationSeconds: 0 },
        status: ERROR_CODES[failure.code].status,
      });
      if (failure.blame === 'internal') logger.error('upgrade failed', { error });
      if (socket instanceof Socket) refuseConnection(socket, failure);
      else socket.destroy();
    });
  });
  return {
    listen: (address) => strict.listen(address),
    close: async (closing) => {
      isClosing = true;
      stopping.abort(new EkoError('SHUTTING_DOWN', 'The node is stopping; ask again later'));
      feeds?.close();
      for (const socket of upgraded) cutConnection(socket);
      await strict.close(closing);
    },
  };
}

function withNumbers(schema: TSchema, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value ?? {};
  const properties = propertiesOf(schema);
  return Object.fromEntries(
    Object.entries(value).map(([name, text]) => {
      const isNumber = properties[name]?.['type'] === 'integer' && typeof text === 'string';
      return [name, isNumber && /^(0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : text];
    }),
  );
}

function flatHeaders(headers: IncomingMessage['headers']): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  );
}
