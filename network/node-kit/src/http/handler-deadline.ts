import type { ServerResponse } from 'node:http';
import { EkoError } from '@eko/protocol';
import { withDeadline } from '@eko/sdk/node';

/**
 * Runs a handler until it answers, its time is over or the caller is gone; its signal tells it of the last two.
 *
 * @throws EkoError `DEADLINE_EXCEEDED` or `CANCELLED`, else whatever the handler throws
 */
export async function handleWithin<T>(
  response: ServerResponse,
  deadlineMs: number,
  handler: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const gone = new AbortController();
  const onClose = (): void => {
    gone.abort(new EkoError('CANCELLED', 'The caller is gone'));
  };
  response.once('close', onClose);
  try {
    return await withDeadline('the request', { deadlineMs, signal: gone.signal }, handler);
  } finally {
    response.off('close', onClose);
  }
}
