import { pause } from '@eko/sdk/node';

const DEADLINE_MS = 20_000;

/** The first answer of `look` that is not `undefined`. */
export async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  const givesUpAt = performance.now() + DEADLINE_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > givesUpAt) throw new Error('it did not get there in time');
    await pause(20);
  }
}
