import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { ERROR_CODES, EkoError, type ErrorCode } from '@eko/protocol';
import { encodeMessage } from '@eko/protocol/rest';
import type { Logger } from '../logging/logger';
import { refuseOddRequest, type RequestFacts } from './bounded-server';
import { endingAfterAnswer } from './early-answer';
import { handleWithin } from './handler-deadline';
import { bodyTooLarge, failureOf, problemAnswer, unsupportedMediaType } from './http-failure';
import type { Peer, PeerRoute } from './peer-route';
import type { ServerLimits } from './server-limits';

/** What answers the calls of nodes. */
export interface PeerListenerDeps {
  readonly limits: ServerLimits;
  readonly logger: Logger;
  readonly routes: readonly PeerRoute[];
  readonly onAnswered: ((facts: RequestFacts) => void) | undefined;
  /** Who calls; throws to refuse before any of the body is read. */
  readonly admit: (request: IncomingMessage) => Peer;
  readonly isClosing: () => boolean;
}

/** A call under way. */
interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly route: PeerRoute | undefined;
  code: ErrorCode | undefined;
}

/**
 * Answers calls between nodes by their routes, each in its own media type, bounded in size, depth and time; every failure is a
 * problem document. Without a framework: a call is short, and there are many.
 */
export function newPeerListener(deps: PeerListenerDeps): RequestListener {
  const { limits, logger, onAnswered } = deps;
  const routes = new Map(deps.routes.map((route) => [route.path, route]));

  const answer = async ({ request, response, route }: Call): Promise<void> => {
    if (deps.isClosing()) throw new EkoError('SHUTTING_DOWN', 'The node is stopping; ask again later');
    refuseOddRequest(request, limits);
    const peer = deps.admit(request);
    if (route === undefined) throw unrouted(request.url ?? '');
    if (route.roles?.includes(peer.role) === false)
      throw new EkoError('FORBIDDEN', `A node of the role ${peer.role} may not call this`);
    if (mediaTypeOf(request) !== route.mediaType) throw unsupportedMediaType(route.mediaType);
    const bytes = await readBody(request, route.bodyBytes ?? limits.bodyBytes);
    const body = route.decode(bytes, limits.jsonDepth);
    const value = await handleWithin(response, limits.handlerMs, (signal) =>
      route.handle(peer, body, signal),
    );
    const { mediaType, content } = encodeMessage(value);
    send(response, 200, { 'content-type': mediaType, 'cache-control': 'no-store' }, content);
  };

  const refuse = (call: Call, error: unknown): void => {
    const failure = failureOf(error);
    const route = call.route?.path ?? 'unrouted';
    call.code = failure.code;
    if (failure.blame === 'internal') logger.error('request failed', { route, error });
    else logger.debug('request refused', { route, error: failure });
    const { status, headers, body } = problemAnswer(failure);
    send(call.response, status, { ...headers, ...endingAfterAnswer(call.request) }, body);
  };

  const send = (
    response: ServerResponse,
    status: number,
    headers: Readonly<Record<string, string>>,
    content: string | Uint8Array,
  ): void => {
    // A caller that keeps its connection would keep the server from ending.
    const ending = deps.isClosing() ? { connection: 'close' } : {};
    // In one piece, so that head and body leave in one write.
    response
      .writeHead(status, { ...headers, 'content-length': Buffer.byteLength(content), ...ending })
      .end(content);
  };

  return (request, response) => {
    const startedMs = performance.now();
    const route = request.method === 'POST' ? routes.get(request.url ?? '') : undefined;
    const call: Call = { request, response, route, code: undefined };
    // Where the caller goes away, whoever reads hears of it; a listener of its own keeps that from ending the process.
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    response.once('close', () => {
      const code = response.headersSent ? call.code : 'CANCELLED';
      onAnswered?.({
        ...(code === undefined ? {} : { code }),
        route: route?.path ?? 'unrouted',
        method: request.method ?? '',
        status: response.headersSent ? response.statusCode : ERROR_CODES.CANCELLED.status,
        durationSeconds: (performance.now() - startedMs) / 1000,
      });
    });
    answer(call).catch((error: unknown) => {
      refuse(call, error);
    });
  };
}

/** There is no route of that method and path. */
function unrouted(path: string): EkoError {
  try {
    decodeURI(path);
  } catch {
    return new EkoError('INVALID_ARGUMENT', 'The path is not a valid one');
  }
  return new EkoError('NOT_FOUND', 'There is nothing at this address');
}

/** Without parameters, in lower case. */
function mediaTypeOf({ headers }: IncomingMessage): string {
  const [mediaType = ''] = (headers['content-type'] ?? '').split(';', 1);
  return mediaType.trim().toLowerCase();
}

/** @throws EkoError `TOO_LARGE` as soon as that is known, `CANCELLED` where the caller goes away */
function readBody(request: IncomingMessage, mostBytes: number): Promise<Uint8Array> {
  if (Number(request.headers['content-length'] ?? 0) > mostBytes) return Promise.reject(bodyTooLarge());
  return new Promise((resolve, reject) => {
    const pieces: Uint8Array[] = [];
    let sizeBytes = 0;
    const take = (piece: Uint8Array): void => {
      sizeBytes += piece.length;
      if (sizeBytes <= mostBytes) {
        pieces.push(piece);
        return;
      }
      // The rest runs by unread, so that the caller sees the answer.
      request.off('data', take);
      pieces.length = 0;
      reject(bodyTooLarge());
    };
    request.on('data', take);
    request.once('end', () => {
      const [first] = pieces;
      resolve(pieces.length === 1 && first !== undefined ? first : Buffer.concat(pieces));
    });
    request.once('close', () => {
      if (!request.complete) reject(new EkoError('CANCELLED', 'The caller is gone'));
    });
  });
}
