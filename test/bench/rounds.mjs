/** How lanes are measured: in turns, in one run. */
import { figure, median } from './measure.mjs';
import { sumOf } from './processor-time.mjs';

const ROUNDS = 5;
/** A batch that is not this much cheaper than the cheapest before it counts as no cheaper. */
const STILL_FALLS = 0.97;
const FLAT_BATCHES = 2;
const MOST_BATCHES = 12;
const IDLE_MS = 4_000;

/**
 * Sets up bundles until their processor time no longer falls: the code of all nodes is compiled, their connections are
 * open. Then measures what idling takes.
 */
export async function warmUp(lanes, progress, { count = 24, size = 50, most = 8 } = {}) {
  for (const lane of lanes) {
    const costs = [];
    let flat = 0;
    while (flat < FLAT_BATCHES && costs.length < MOST_BATCHES) {
      const { processorMs } = await lane.call('bundles', { count, size, most });
      const cost = sumOf(processorMs);
      flat = cost > Math.min(...costs) * STILL_FALLS ? flat + 1 : 0;
      costs.push(cost);
    }
    progress(
      `${lane.name}: warmed up by ${costs.length * count} bundles, ms of processor each: ${costs.map(Math.round).join(', ')}`,
    );
  }
  for (const lane of lanes) await lane.call('idle', { ms: IDLE_MS });
}

/**
 * Has every lane measured in each round, the lanes taking turns at going first. A round in which a measurement fails counts
 * for no lane, so that a machine with other work does not end a run; where more than half fail, the run does.
 *
 * @param measure - answers a sample of a lane
 * @param shown - says of a sample what a person likes to read of it
 * @returns the samples, by round, for each lane
 */
export async function inTurns(lanes, progress, { rounds = ROUNDS, measure, shown }) {
  const samples = lanes.map(() => []);
  for (let round = 1; round <= rounds; round += 1) {
    const order = [...lanes.keys()];
    if (round % 2 === 0) order.reverse();
    try {
      const ofRound = [];
      for (const place of order) {
        ofRound[place] = await measure(lanes[place]);
        if (shown !== undefined) progress(`${lanes[place].name}, round ${round}: ${shown(ofRound[place])}`);
      }
      ofRound.forEach((sample, place) => samples[place].push(sample));
    } catch (error) {
      const failed = round - samples[0].length;
      if (failed > rounds / 2) throw error;
      progress(`round ${round} does not count: ${error.message.split('\n')[0]}`);
    }
  }
  return samples;
}

/**
 * The figure of some samples: the median of this checkout's, that of the other where there is one, and the median of
 * both's ratios, round by round.
 */
export function figureOf([ofChange, ofBase], row, valueOf) {
  const value = median(ofChange.map(valueOf));
  if (ofBase === undefined) return figure({ ...row, value });
  const ratios = ofChange.map((sample, round) => valueOf(sample) / valueOf(ofBase[round]));
  const ratio = median(ratios);
  // Nothing by nothing is no ratio.
  return figure({
    ...row,
    value,
    base: median(ofBase.map(valueOf)),
    ...(Number.isFinite(ratio) ? { ratio } : {}),
  });
}
