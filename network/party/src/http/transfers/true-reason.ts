import { EkoError, isEkoError } from '@eko/protocol';
import type { EkoStream } from '@eko/sdk';

/** A cut may be here before the ledger's event that was its cause; so long it is waited for. */
const LEDGER_WORD_MS = 3_000;

/** Reasons that this party itself has given. */
const OWN_REASONS = ['CANCELLED', 'SHUTTING_DOWN', 'STREAM_ENDED', 'DEADLINE_EXCEEDED'] as const;

/** Why a connection broke: first what the ledger says of its stream, which both sides then say, else what was seen. */
export async function trueReason(stream: EkoStream, error: unknown): Promise<EkoError> {
  if (isEkoError(error, ...OWN_REASONS)) return error;
  try {
    const { reason } = await stream.whenEnded({ deadlineMs: LEDGER_WORD_MS });
    const text = `Stream ${stream.id} has ended (${reason}); request a new one`;
    return new EkoError('STREAM_ENDED', text, { details: { streamId: stream.id, reason } });
  } catch {
    if (isEkoError(error)) return error;
    return new EkoError('STREAM_CUT', 'The other side broke off before all had gone through', {
      cause: error,
    });
  }
}
