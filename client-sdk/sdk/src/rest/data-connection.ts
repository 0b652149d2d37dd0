import { request as plainRequest, type IncomingMessage } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import { EkoError, isEkoError, parseStreamId } from '@eko/protocol';
import { RAW_OPERATIONS, STREAM_UPGRADE, pathOf } from '@eko/protocol/rest';
import { FramedDuplex } from '../streams/framed-duplex';
import { problemOf, silentError, unreachable, type PartyAccess } from './party-access';

/** Longer than a party waits for the other side of an upgrade. */
const DEADLINE_MS = 60_000;

/**
 * Opens both directions of a stream through its party: the party does TLS and keys, this gets a duplex that ends when
 * the other side ends and breaks when the stream is cut.
 *
 * @throws EkoError the party's reason, `PEER_UNAVAILABLE`, `DEADLINE_EXCEEDED`, `CANCELLED`
 */
export async function openDataConnection(
  access: PartyAccess,
  streamId: string,
  signal: AbortSignal,
  deadlineMs = DEADLINE_MS,
): Promise<Duplex> {
  const url = new URL(pathOf(RAW_OPERATIONS.receiveData.path, parseStreamId(streamId)), access.address);
  const isPlain = url.protocol === 'http:';
  const headers = {
    authorization: `Bearer ${access.token}`,
    connection: 'upgrade',
    upgrade: STREAM_UPGRADE,
  };
  // Either side may end its direction while the other goes on.
  const { hostname, port } = url;
  const host = hostname.replace(/^\[|\]$/g, '');
  const halfOpen = { createConnection: () => connect({ host, port: Number(port), allowHalfOpen: true }) };
  const request = (isPlain ? plainRequest : tlsRequest)(url, {
    headers,
    signal,
    ...(isPlain ? halfOpen : {}),
  });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => request.destroy(silentError(access)), deadlineMs);
    request.once('close', () => clearTimeout(timer));
    request.once('upgrade', (_answer: IncomingMessage, socket: Duplex, head: Buffer) => {
      clearTimeout(timer);
      if (head.length > 0) socket.unshift(head);
      resolve(new FramedDuplex(socket));
    });
    request.once('response', (answer) => {
      textOf(answer).then((text) => reject(problemOf(answer.statusCode ?? 0, text)), reject);
    });
    request.once('error', (error) => {
      reject(
        signal.aborted
          ? new EkoError('CANCELLED', 'Stopped before the stream was open')
          : isEkoError(error)
            ? error
            : unreachable(access, error),
      );
    });
    request.end();
  });
}
