import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { EkoError } from '@eko/protocol';
import type { Logger } from '../logging/logger';
import { cutConnection } from './cut-connection';
import { failureOf, problemAnswer, refuseUnparsed } from './http-failure';
import type { ServerLimits } from './server-limits';
import { refuseOddRequest, type RequestFacts } from './bounded-server';

/**
 * A route whose bodies are no JSON and may have no end: it is left out of the server's limits on bodies, times and media
 * types, and keeps bounds of its own. Who may call is asked as everywhere, before a byte of the body is read.
 */
export interface BodyRoute {
  /** Its pattern, for the metrics. */
  readonly path: string;
  readonly matches: (request: IncomingMessage) => boolean;
  /**
   * Reads and answers by itself, `Expect: 100-continue` too; throws before it has answered to refuse, and behind that to
   * have the connection cut, so that a part never looks like the whole. The signal aborts when the server closes.
   */
  readonly handle: (request: IncomingMessage, response: ServerResponse, signal: AbortSignal) => Promise<void>;
}

/** What a body route needs of its server. */
export interface BodyRouteServer {
  readonly limits: ServerLimits;
  readonly logger: Logger;
  readonly onAnswered?: ((facts: RequestFacts) => void) | undefined;
  readonly admit: (request: IncomingMessage, route: string) => void;
  /** Aborts with the reason when the server closes. */
  readonly closing: AbortSignal;
}

/** A refused caller may still be sending; so long is its body read and thrown away, so that it sees the answer. */
const LINGER_MS = 5_000;

/**
 * Gives a body route's requests to it and all others to `listener`, holding those to the time that a request may take:
 * the server itself can only do so for all of them.
 */
export function withBodyRoute(
  route: BodyRoute,
  server: BodyRouteServer,
  listener: RequestListener,
): RequestListener {
  return (request, response) => {
    if (route.matches(request)) {
      void serveBody(route, server, request, response);
      return;
    }
    const { socket } = request;
    const timer = setTimeout(() => {
      refuseUnparsed(socket, { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
    }, server.limits.requestMs);
    const arrived = (): void => clearTimeout(timer);
    request.once('end', arrived).once('close', arrived);
    listener(request, response);
  };
}

/** Serves one request of a body route. */
export async function serveBody(
  route: BodyRoute,
  { limits, logger, onAnswered, admit, closing }: BodyRouteServer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const startedMs = performance.now();
  response.once('close', () => {
    const durationSeconds = (performance.now() - startedMs) / 1000;
    onAnswered?.({
      route: route.path,
      method: request.method ?? '',
      status: response.statusCode,
      durationSeconds,
    });
  });
  // Whoever reads or writes hears of a break; a listener of its own keeps it from ending the process.
  request.on('error', () => undefined);
  response.on('error', () => undefined);
  try {
    closing.throwIfAborted();
    refuseOddRequest(request, limits);
    admit(request, route.path);
    // A body may be silent for as long as its route lets it.
    request.socket.setTimeout(0);
    await route.handle(request, response, closing);
  } catch (error) {
    const failure = failureOf(error);
    if (failure.blame === 'internal') logger.error('request failed', { route: route.path, error });
    else logger.debug('request refused', { route: route.path, error: failure });
    if (response.headersSent) {
      cutConnection(request.socket);
      return;
    }
    answerWhileSending(request, response, failure);
  }
}

/** To close under a caller that is still sending would throw away the answer before it is read. */
function answerWhileSending(request: IncomingMessage, response: ServerResponse, failure: EkoError): void {
  const { status, headers, body } = problemAnswer(failure);
  const isWhole = request.complete;
  response.writeHead(status, isWhole ? headers : { ...headers, connection: 'keep-alive' }).end(body);
  if (isWhole) return;
  request.resume();
  const timer = setTimeout(() => request.socket.destroy(), LINGER_MS);
  request.once('close', () => clearTimeout(timer));
}
