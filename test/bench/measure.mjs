/** How figures are taken: ratios within one run, cases interleaved, the median of the rounds. */

export const ROUNDS = 7;

/** The middle value of some numbers. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The value below which so many of 100 values lie, by the nearest rank. */
export function percentile(values, percent) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)];
}

/** Calls a second of `operation` (sync or async) over at least `milliseconds`. */
export async function ratePerSecond(operation, milliseconds = 250) {
  const started = performance.now();
  let calls = 0;
  let elapsed;
  do {
    await operation();
    calls += 1;
    elapsed = performance.now() - started;
  } while (elapsed < milliseconds);
  return (calls * 1000) / elapsed;
}

/** Median over the rounds of rate(subject) ÷ rate(baseline), the two taking turns at going first. */
export async function rateRatio({ subject, baseline, rounds = ROUNDS, milliseconds = 250 }) {
  await ratePerSecond(subject, milliseconds / 2);
  await ratePerSecond(baseline, milliseconds / 2);
  const ratios = [];
  for (let round = 0; round < rounds; round += 1) {
    if (round % 2 === 0) {
      const first = await ratePerSecond(subject, milliseconds);
      ratios.push(first / (await ratePerSecond(baseline, milliseconds)));
    } else {
      const first = await ratePerSecond(baseline, milliseconds);
      ratios.push((await ratePerSecond(subject, milliseconds)) / first);
    }
  }
  return median(ratios);
}

/**
 * A figure with its goal, if it has one. `direction` says on which side of the goal it should be; `base` is what the
 * checkout has that this one is compared with, `ratio` how this one's is to it.
 */
export function figure({ id, value, unit, goal, direction = 'at least', base, ratio }) {
  const holds = direction === 'at least' ? value >= goal : value <= goal;
  return {
    id,
    value: rounded(value),
    unit,
    ...(goal === undefined ? {} : { goal: `${direction === 'at least' ? '≥' : '≤'} ${goal}`, holds }),
    ...(base === undefined ? {} : { base: rounded(base) }),
    ...(ratio === undefined ? {} : { ratio: rounded(ratio) }),
  };
}

const rounded = (value) => Number(value.toPrecision(4));
