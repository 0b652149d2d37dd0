import type { Duplex } from 'node:stream';
import { EkoError, isEkoError } from '@eko/protocol';
import type { CallLimits, EkoStream } from '@eko/sdk';
import type { IncomingStreams } from './incoming-streams';

/** What a wait for the other side fails with where that does not come; a provider that is not ready lets nobody in. */
const NOT_THERE = ['DEADLINE_EXCEEDED', 'PEER_UNAVAILABLE', 'HANDSHAKE_REFUSED'] as const;

/**
 * The bytes of a stream for a local program: a new connection of the initiator's, or the next that comes in at the
 * provider's. Either is there only once a program of the other side has asked for it too.
 *
 * @throws EkoError `STREAM_ENDED` as soon as it has; `PEER_UNAVAILABLE` naming who has not come; and as
 *   `EkoStream.open` and `IncomingStreams.next`
 */
export async function openStreamSource(
  stream: EkoStream,
  incoming: IncomingStreams,
  limits: Required<CallLimits>,
): Promise<Duplex> {
  try {
    if (stream.role === 'initiator') return await stream.open(limits);
    return await nextUntilEnd(stream, incoming, limits);
  } catch (error) {
    const reason = await stream.reasonOf(error, limits.signal);
    if (!isEkoError(reason, ...NOT_THERE)) throw reason;
    const { bundle, role, id } = stream;
    const peer = role === 'initiator' ? bundle.policy.provider : bundle.initiator;
    const seconds = limits.deadlineMs / 1_000;
    throw new EkoError('PEER_UNAVAILABLE', `${peer} has not asked for ${id} within ${seconds} s`, {
      cause: reason,
    });
  }
}

async function nextUntilEnd(
  stream: EkoStream,
  incoming: IncomingStreams,
  { deadlineMs, signal }: Required<CallLimits>,
): Promise<Duplex> {
  const over = new AbortController();
  const stopWatching = stream.onEnd(() => over.abort());
  try {
    const until = signal === undefined ? over.signal : AbortSignal.any([signal, over.signal]);
    return await incoming.next(stream.id, { deadlineMs, signal: until });
  } catch (error) {
    const { end } = stream.status;
    if (end === undefined) throw error;
    throw new EkoError('STREAM_ENDED', `Stream ${stream.id} has ended (${end.reason})`, {
      details: { streamId: stream.id, reason: end.reason },
    });
  } finally {
    stopWatching();
  }
}
