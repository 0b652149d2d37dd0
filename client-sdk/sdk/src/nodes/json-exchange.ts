import { request, type Agent } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { EkoError, isEkoError } from '@eko/protocol';
import { cancelled, cancelledBy, waitWithin } from '../pacing/deadline';

/** One request with its bounds. */
export interface JsonExchange {
  readonly agent: Agent;
  /** Who is called, for errors. */
  readonly peer: string;
  readonly path: string;
  readonly body: unknown;
  readonly maxAnswerBytes: number;
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** What came back, still untrusted. */
export interface RawPeerAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Uint8Array;
}

/**
 * Posts JSON and reads the whole answer.
 *
 * @throws EkoError `PEER_UNAVAILABLE` for whatever happens to the connection or if the answer is too large;
 *   `DEADLINE_EXCEEDED`, `CANCELLED`; what the agent throws (`HANDSHAKE_REFUSED`, `ENDPOINT_REFUSED`) as it is
 */
export async function exchangeJson(exchange: JsonExchange): Promise<RawPeerAnswer> {
  const { peer, deadlineMs, signal } = exchange;
  const what = `the call of ${peer}`;
  if (signal?.aborted === true) throw cancelled(what);
  return waitWithin({
    what,
    deadlineMs,
    listen: cancelledBy(signal),
    begin: (resolve, reject) => beginExchange(exchange, resolve, reject),
  });
}

function beginExchange(
  { agent, peer, path, body, maxAnswerBytes }: JsonExchange,
  resolve: (answer: RawPeerAnswer) => void,
  reject: (error: unknown) => void,
): (reason: EkoError) => void {
  const text = JSON.stringify(body);
  const fail = (error: unknown): void => {
    reject(isEkoError(error) ? withPeer(error, peer) : unavailable(peer, 'connection', error));
  };
  const outgoing = request({
    agent,
    method: 'POST',
    path,
    // The name of the peer, not of its host: nothing is decided by it.
    headers: {
      host: peer,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
      accept: 'application/json',
    },
  });
  outgoing.on('error', fail);
  outgoing.once('response', (incoming) => {
    readWithin(incoming, maxAnswerBytes, resolve, (error) => {
      outgoing.destroy();
      fail(error ?? unavailable(peer, 'answer too large'));
    });
  });
  // As text: then head and body leave in one piece.
  outgoing.end(text);
  return (reason) => {
    outgoing.destroy(reason);
  };
}

/** @param fail - called without an error where there is more than the limit */
function readWithin(
  incoming: IncomingMessage,
  mostBytes: number,
  resolve: (answer: RawPeerAnswer) => void,
  fail: (error?: Error) => void,
): void {
  const pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  incoming.on('data', (piece: Uint8Array) => {
    sizeBytes += piece.length;
    if (sizeBytes > mostBytes) fail();
    else pieces.push(piece);
  });
  incoming.once('error', fail);
  incoming.once('end', () => {
    const [first] = pieces;
    resolve({
      status: incoming.statusCode ?? 0,
      contentType: incoming.headers['content-type'] ?? '',
      body: pieces.length === 1 && first !== undefined ? first : Buffer.concat(pieces),
    });
  });
}

/** The peer cannot be used now; `reason` says which part of the exchange failed. */
export function unavailable(peer: string, reason: string, cause?: unknown): EkoError {
  return new EkoError('PEER_UNAVAILABLE', `The node ${peer} gave no usable answer (${reason})`, {
    details: { peer, reason },
    cause,
  });
}

const withPeer = (error: EkoError, peer: string): EkoError =>
  new EkoError(error.code, error.message, { details: { ...error.details, peer }, cause: error.cause });
