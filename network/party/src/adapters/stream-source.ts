import type { Duplex } from 'node:stream';
import { EkoError } from '@eko/protocol';
import type { CallLimits, EkoStream } from '@eko/sdk';
import type { IncomingStreams } from './incoming-streams';

/**
 * The bytes of a stream for a local program: a new connection of the initiator's, or the next that comes in at the
 * provider's.
 *
 * @throws EkoError `STREAM_ENDED` as soon as it has, and as `EkoStream.open` and `IncomingStreams.next`
 */
export async function openStreamSource(
  stream: EkoStream,
  incoming: IncomingStreams,
  { deadlineMs, signal }: Required<CallLimits>,
): Promise<Duplex> {
  if (stream.role === 'initiator') return stream.open({ deadlineMs, signal });
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
