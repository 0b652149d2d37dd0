import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { ERROR_CODES, EkoError, isEkoError, type ErrorCode } from '@eko/protocol';
import { PROBLEM_MEDIA_TYPE, encodeProblem } from '@eko/protocol/rest';

/** Text of every failure that is not one of ours: nothing foreign leaves the process. */
const INTERNAL_TEXT = 'Something went wrong inside the node; its log says more';

/** What the web framework and the HTTP parser find wrong with a request, in our codes. */
const FOREIGN_FAILURES: Readonly<Record<string, () => EkoError>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: () => bodyTooLarge(),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () => unsupportedMediaType(),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () => invalid('The body has another length than announced'),
  FST_ERR_BAD_URL: () => invalid('The path is not a valid one'),
  FST_ERR_MAX_PARAM_LENGTH: () => invalid('A part of the path is too long'),
  HPE_HEADER_OVERFLOW: () => new EkoError('TOO_LARGE', 'The headers are larger than this server takes'),
  ERR_HTTP_REQUEST_TIMEOUT: () => new EkoError('DEADLINE_EXCEEDED', 'The request did not arrive in time'),
};

/** The parser's failures that have a status of their own. */
const FOREIGN_STATUS: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** Failures after which a body may still be on its way, which nobody wants to read. */
const ENDS_CONNECTION: ReadonlySet<ErrorCode> = new Set([
  'UNAUTHENTICATED',
  'RATE_LIMITED',
  'TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'SHUTTING_DOWN',
]);

/** The refusal of a body in another form than its route takes. */
export function unsupportedMediaType(taken = 'application/json'): EkoError {
  return new EkoError('UNSUPPORTED_MEDIA_TYPE', `The body must be ${taken}, not compressed`);
}

/** The refusal of a body that is longer than its route takes. */
export function bodyTooLarge(): EkoError {
  return new EkoError('TOO_LARGE', 'The body is larger than this route takes');
}

/** Any failure of a request as one of ours. */
export function failureOf(error: unknown): EkoError {
  if (isEkoError(error)) return error;
  const known = FOREIGN_FAILURES[foreignCodeOf(error)];
  return known?.() ?? new EkoError('INTERNAL', INTERNAL_TEXT, { cause: error });
}

/** An answer that a server without a framework can send. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The answer to a failed request. */
export function problemAnswer(error: EkoError, status: number = ERROR_CODES[error.code].status): RawAnswer {
  const retryAfterMs = error.details['retryAfterMs'];
  return {
    status,
    headers: {
      'content-type': PROBLEM_MEDIA_TYPE,
      'cache-control': 'no-store',
      ...(ENDS_CONNECTION.has(error.code) ? { connection: 'close' } : {}),
      ...(typeof retryAfterMs === 'number' ? { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) } : {}),
    },
    body: JSON.stringify({ ...encodeProblem(error), status }),
  };
}

/** Answers on a connection that has no request object, and ends it. */
export function refuseConnection(socket: Socket, failure: EkoError, ownStatus?: number): void {
  if (socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, headers, body } = problemAnswer(failure, ownStatus);
  const head = { ...headers, 'content-length': String(Buffer.byteLength(body)), connection: 'close' };
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}\r\n${lines.join('')}\r\n${body}`);
  socket.destroySoon();
}

/** Answers what the HTTP parser refused; where there is no HTTP yet (a failed handshake) the connection just ends. */
export function refuseUnparsed(socket: Socket, error: unknown): void {
  const code = foreignCodeOf(error);
  if (!code.startsWith('HPE_') && !code.startsWith('ERR_HTTP_')) {
    socket.destroy();
    return;
  }
  const failure = FOREIGN_FAILURES[code]?.() ?? invalid('This is no HTTP/1.1 request');
  refuseConnection(socket, failure, FOREIGN_STATUS[code]);
}

function foreignCodeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

const invalid = (text: string): EkoError => new EkoError('INVALID_ARGUMENT', text);
