import { EkoError } from '@eko/protocol';
import { pause } from '@eko/sdk/node';
import type { PartyApi, StreamDocument } from '@eko/sdk/rest';

const POLL_MS = 40;

/**
 * Waits until a stream is active.
 *
 * @param onConsent - told, once, that it waits for the provider's consent
 * @throws EkoError `STREAM_ENDED` with the reason, `DEADLINE_EXCEEDED`, `CANCELLED`
 */
export async function awaitActive(
  party: PartyApi,
  streamId: string,
  deadlineMs: number,
  signal: AbortSignal,
  onConsent: (text: string) => void = () => undefined,
): Promise<StreamDocument> {
  let isTold = false;
  const until = performance.now() + deadlineMs;
  for (;;) {
    const facts = await party.show(streamId);
    if (facts.state === 'active') return facts;
    if (facts.state === 'ended') throw endedError(facts);
    if (performance.now() > until) throw stillWaiting(facts, deadlineMs);
    if (facts.state === 'requested' && !isTold) {
      isTold = true;
      onConsent(consentText(facts));
    }
    await pause(POLL_MS, signal);
    if (signal.aborted)
      throw new EkoError('CANCELLED', `Waiting for ${streamId} was stopped; its request stands`);
  }
}

/** For whom a request waits, and what that party does. */
export function consentText({ provider, bundleId }: StreamDocument): string {
  return `waiting for ${provider} to consent: eko stream accept ${bundleId} --as ${provider}`;
}

function stillWaiting(facts: StreamDocument, deadlineMs: number): EkoError {
  const { streamId, state, provider, bundleId } = facts;
  const isAsked = state === 'requested';
  const why = isAsked ? `: ${provider} has not consented` : '';
  const next = `have ${provider} consent (eko stream accept ${bundleId} --as ${provider}), then run this again`;
  return new EkoError('DEADLINE_EXCEEDED', `${streamId} is still ${state} after ${deadlineMs} ms${why}`, {
    details: { streamId, state, ...(isAsked ? { next } : {}) },
  });
}

/** The error of a stream that is over. */
function endedError({ streamId, end }: StreamDocument): EkoError {
  const { reason = 'unknown', by = 'itself' } = end ?? {};
  return new EkoError('STREAM_ENDED', `${streamId} has ended: ${reason}, by ${by}`, {
    details: { streamId, reason },
  });
}
