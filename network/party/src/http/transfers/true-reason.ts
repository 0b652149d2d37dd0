import { EkoError, isEkoError } from '@eko/protocol';
import type { EkoStream } from '@eko/sdk';

/**
 * Why a transfer broke. What a connection broke with has been held against the ledger's word already; what kept one from
 * being there has not.
 */
export async function trueReason(
  stream: Pick<EkoStream, 'reasonOf'>,
  error: unknown,
  hadConnection: boolean,
): Promise<EkoError> {
  const seen = isEkoError(error)
    ? error
    : new EkoError('STREAM_CUT', 'The other side broke off before all had gone through', { cause: error });
  if (hadConnection) return seen;
  const reason = await stream.reasonOf(seen);
  return isEkoError(reason) ? reason : seen;
}
