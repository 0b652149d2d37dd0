import { request, type Agent } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { EkoError, isEkoError } from '@eko/protocol';
import { encodeMessage } from '@eko/protocol/rest';
import { cancelled, cancelledBy, waitWithin } from '../pacing/deadline';

/** One request with its bounds. */
export interface PeerExchange {
  readonly agent: Agent;
  /** Who is called, for errors. */
  readonly peer: string;
  readonly path: string;
  readonly body: unknown;
  /** Media types of the answer. */
  readonly accept: string;
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
 * Posts a message and reads the whole answer.
 *
 * @throws EkoError `PEER_UNAVAILABLE` for whatever happens to the connection or if the answer is too large;
 *   `DEADLINE_EXCEEDED`, `CANCELLED`; what the agent throws (`HANDSHAKE_REFUSED`, `ENDPOINT_REFUSED`) as it is
 */
export async function exchangeMessages(exchange: PeerExchange): Promise<RawPeerAnswer> {
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
  { agent, peer, path, body, accept, maxAnswerBytes }: PeerExchange,
  resolve: (answer: RawPeerAnswer) => void,
  reject: (error: unknown) => void,
): (reason: EkoError) => void {
  const { mediaType, content } = encodeMessage(body);
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
      'content-type': mediaType,
      'content-length': Buffer.byteLength(content),
      accept,
    },
  });
  outgoing.on('error', fail);
  outgoing.once('response', (incoming) => {
    readWithin(incoming, maxAnswerBytes, resolve, (error) => {
      outgoing.destroy();
      fail(error ?? unavailable(peer, 'answer too large'));
    });
  });
  // At once, so that head and body leave in one write.
  outgoing.end(content);
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
