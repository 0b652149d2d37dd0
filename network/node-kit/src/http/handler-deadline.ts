import type { ServerResponse } from 'node:http';
import { untilStopped } from '@eko/sdk/node';

/**
 * Runs a handler until it answers, its time is over or the caller is gone; its signal tells it of the last two.
 *
 * @throws EkoError `DEADLINE_EXCEEDED` or `CANCELLED`, else whatever the handler throws
 */
export function handleWithin<T>(
  response: ServerResponse,
  deadlineMs: number,
  handler: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const listen = (cancel: () => void) => {
    response.once('close', cancel);
    return () => response.off('close', cancel);
  };
  return untilStopped('the request', deadlineMs, listen, handler);
}
