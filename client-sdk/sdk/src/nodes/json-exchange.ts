import { request, type Agent } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { EkoError, isEkoError } from '@eko/protocol';
import { boundedBytes } from '@eko/protocol/node';

/** One request with its bounds. */
export interface JsonExchange {
  readonly agent: Agent;
  /** Who is called, for errors. */
  readonly peer: string;
  readonly path: string;
  readonly body: unknown;
  readonly maxAnswerBytes: number;
  readonly signal: AbortSignal;
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
 * @throws EkoError `PEER_UNAVAILABLE` for whatever happens to the connection or if the answer is too large; what the
 *   agent throws (`HANDSHAKE_REFUSED`, `ENDPOINT_REFUSED`) as it is
 */
export function exchangeJson(exchange: JsonExchange): Promise<RawPeerAnswer> {
  const payload = Buffer.from(JSON.stringify(exchange.body));
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      reject(
        isEkoError(error) ? withPeer(error, exchange.peer) : unavailable(exchange.peer, 'connection', error),
      );
    };
    const outgoing = request({
      agent: exchange.agent,
      method: 'POST',
      path: exchange.path,
      // The name of the peer, not of its host: nothing is decided by it.
      headers: {
        host: exchange.peer,
        'content-type': 'application/json',
        'content-length': payload.length,
        accept: 'application/json',
      },
      signal: exchange.signal,
    });
    outgoing.once('error', fail);
    outgoing.once('response', (incoming) => {
      readWithin(incoming, exchange).then(resolve, (error: unknown) => {
        outgoing.destroy();
        fail(error);
      });
    });
    outgoing.end(payload);
  });
}

async function readWithin(incoming: IncomingMessage, exchange: JsonExchange): Promise<RawPeerAnswer> {
  const body = await boundedBytes(incoming, exchange.maxAnswerBytes);
  if (body === undefined) throw unavailable(exchange.peer, 'answer too large');
  return {
    status: incoming.statusCode ?? 0,
    contentType: incoming.headers['content-type'] ?? '',
    body,
  };
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
