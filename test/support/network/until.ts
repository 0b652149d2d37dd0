import { pause } from '@eko/sdk/node';

const POLL_MS = 20;

/**
 * The first answer of `look` that is not `undefined`.
 *
 * @param what - names the condition where it is not met in time
 */
export async function untilFound<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  deadlineMs = 25_000,
): Promise<T> {
  const givesUpAt = performance.now() + deadlineMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > givesUpAt) throw new Error(`${what}: not within ${deadlineMs} ms`);
    await pause(POLL_MS);
  }
}

/** Waits until `isSo` says yes. */
export async function untilTrue(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  deadlineMs?: number,
): Promise<void> {
  await untilFound(what, async () => ((await isSo()) ? true : undefined), deadlineMs);
}
