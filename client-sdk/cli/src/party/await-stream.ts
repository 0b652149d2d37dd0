import { EkoError } from '@eko/protocol';
import { pause } from '@eko/sdk';
import type { PartyApi } from './party-api';
import type { StreamFacts } from './stream-facts';

const POLL_MS = 40;

/**
 * Waits until a stream is active.
 *
 * @throws EkoError `STREAM_ENDED` with the reason, `DEADLINE_EXCEEDED`, `CANCELLED`
 */
export async function awaitActive(
  party: PartyApi,
  streamId: string,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<StreamFacts> {
  const until = performance.now() + deadlineMs;
  for (;;) {
    const facts = await party.show(streamId);
    if (facts.state === 'active') return facts;
    if (facts.state === 'ended') throw endedError(facts);
    if (performance.now() > until) {
      throw new EkoError('DEADLINE_EXCEEDED', `${streamId} is still ${facts.state} after ${deadlineMs} ms`, {
        details: { streamId, state: facts.state },
      });
    }
    await pause(POLL_MS, signal);
    if (signal.aborted)
      throw new EkoError('CANCELLED', `Waiting for ${streamId} was stopped; its request stands`);
  }
}

/** The error of a stream that is over. */
function endedError({ streamId, end }: StreamFacts): EkoError {
  const { reason = 'unknown', by = 'nobody known' } = end ?? {};
  return new EkoError('STREAM_ENDED', `${streamId} has ended: ${reason}, by ${by}`, {
    details: { streamId, reason },
  });
}
