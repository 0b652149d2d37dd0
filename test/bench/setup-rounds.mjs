/** What the benches of the set-up of streams do alike on every ledger. */
import { figure, median } from './measure.mjs';
import { firstByteAndWrite } from './stream-setup.mjs';

/** As on a Fabric channel tuned for this use; the ratios are to transactions of the same ledger. */
export const BLOCK_TIMEOUT_MS = 50;
export const BUNDLES_A_ROUND = 16;
export const WRITES_A_ROUND = 600;
const ROUNDS = 5;

/**
 * Takes some ratios in every round.
 *
 * @param round - answers `{ ratios, seen }`: numbers by name, and what a person likes to read of the round
 * @returns the median of each ratio, by its name
 */
export async function medianRatios(progress, round) {
  const all = [];
  for (let number = 1; number <= ROUNDS; number += 1) {
    const { ratios, seen } = await round();
    all.push(ratios);
    progress(`round ${number}: ${seen}`);
  }
  return Object.fromEntries(
    Object.keys(all[0]).map((name) => [name, median(all.map((ratios) => ratios[name]))]),
  );
}

/** From the request of a stream to its first byte, by the time of one write. */
export async function firstByteFigure(parties, { id, goal, perRound }, progress) {
  const { ratio } = await medianRatios(progress, async () => {
    const bytes = [];
    const writes = [];
    for (let turn = 0; turn < perRound; turn += 1) {
      const { byteMs, writeMs } = await firstByteAndWrite(parties);
      bytes.push(byteMs);
      writes.push(writeMs);
    }
    const seen = `first byte ${median(bytes).toFixed(0)} ms, one write ${median(writes).toFixed(0)} ms`;
    return { ratios: { ratio: median(bytes) / median(writes) }, seen };
  });
  return figure({ id, value: ratio, unit: '× one write', goal, direction: 'at most' });
}
