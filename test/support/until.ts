import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';

const POLL_MS = 20;
/** What needs no answer from elsewhere is looked at in each turn of the event loop, for so long. */
const EAGER_MS = 100;

/**
 * The first answer of `look` that is neither `undefined` nor `false`.
 *
 * @param what - names the condition where it is not met in time
 */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  deadlineMs = 45_000,
): Promise<Exclude<T, undefined | false>> {
  const beganAt = performance.now();
  for (;;) {
    const answer = look();
    const found = await answer;
    if (found !== undefined && found !== false) return found as Exclude<T, undefined | false>;
    const tookMs = performance.now() - beganAt;
    if (tookMs > deadlineMs) throw new Error(`${what}: not within ${deadlineMs} ms`);
    await (tookMs < EAGER_MS && !(answer instanceof Promise) ? turn() : pause(POLL_MS));
  }
}
