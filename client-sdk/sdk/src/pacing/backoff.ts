import { setTimeout as sleep } from 'node:timers/promises';

/** Waits that many milliseconds; ends early, without an error, when the signal aborts. */
export type Pause = (milliseconds: number, signal?: AbortSignal) => Promise<void>;

/** `Pause` on the process's timers. */
export const pause: Pause = async (milliseconds, signal) => {
  try {
    await sleep(milliseconds, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
};

/** Bounds of a backoff, in milliseconds. */
export interface BackoffBounds {
  readonly firstMs: number;
  readonly mostMs: number;
}

/**
 * How long to wait before attempt `attempt` (1 for the first repetition): the doubled bound, of which a random part
 * between half and all is waited, so that many clients do not come back at once.
 */
export function backoffMs(
  attempt: number,
  bounds: BackoffBounds,
  random: () => number = Math.random,
): number {
  const bound = Math.min(bounds.mostMs, bounds.firstMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(bound * (0.5 + random() / 2));
}
