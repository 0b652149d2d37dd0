import { HedgeDelay } from '../../../../client-sdk/sdk/src/collection/hedge-delay';
import { seededRandom, type SeededRandom } from '../../../support/random';
import { simulateReleases, type ReleaseTrial } from './simulated-releases';

const MOST_MS = 400;
const learn = (hedging: HedgeDelay, count: number, tookMs: (n: number) => number): void => {
  for (let n = 1; n <= count; n += 1) hedging.answered(tookMs(n));
};

describe('the delay before another witness is asked', () => {
  it('is the longest one until twenty answers are known', () => {
    const hedging = new HedgeDelay();
    learn(hedging, 19, () => 10);
    expect(hedging.delayMs(MOST_MS)).toBe(400);
    hedging.answered(10);
    expect(hedging.delayMs(MOST_MS)).toBe(50);
  });

  it('is one and a half times what the slowest but one of twenty answers took', () => {
    const hedging = new HedgeDelay();
    learn(hedging, 20, (n) => n * 10);
    expect(hedging.delayMs(MOST_MS)).toBe(285);
  });

  it('is never below 50 ms, nor above the longest one', () => {
    const quick = new HedgeDelay();
    learn(quick, 100, () => 1);
    expect([quick.delayMs(MOST_MS), quick.delayMs(20)]).toEqual([50, 20]);
    const slow = new HedgeDelay();
    learn(slow, 100, () => 3_000);
    expect(slow.delayMs(MOST_MS)).toBe(400);
  });

  it('follows as soon as six of the last hundred answers are slow, and forgets them with the hundredth after', () => {
    const hedging = new HedgeDelay();
    learn(hedging, 1_000, () => 100);
    learn(hedging, 5, () => 200);
    expect(hedging.delayMs(MOST_MS)).toBe(150);
    hedging.answered(200);
    expect(hedging.delayMs(MOST_MS)).toBe(300);
    learn(hedging, 95, () => 100);
    expect(hedging.delayMs(MOST_MS)).toBe(150);
  });

  it('is the longest one after ten witnesses were asked early, and shorter again for each twenty answers', () => {
    const hedging = new HedgeDelay();
    learn(hedging, 100, () => 100);
    for (let n = 0; n < 10; n += 1) {
      expect(hedging.delayMs(MOST_MS)).toBe(150);
      hedging.askedEarly();
    }
    expect(hedging.delayMs(MOST_MS)).toBe(400);
    learn(hedging, 19, () => 100);
    expect(hedging.delayMs(MOST_MS)).toBe(400);
    hedging.answered(100);
    expect(hedging.delayMs(MOST_MS)).toBe(150);
  });
});

describe('releases with a delay that learns', () => {
  const WITNESSES = ['a', 'b', 'c'];
  /** As services answer: mostly alike, some late, and one in two hundred held up by something. */
  const usualMs = (random: SeededRandom): number => {
    const normal = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
    return 12 * Math.exp(0.5 * normal) * (random.chance(0.005) ? 20 : 1);
  };
  const newTrial = (change: Partial<ReleaseTrial> = {}): ReleaseTrial => {
    const random = seededRandom(7);
    return {
      witnesses: WITNESSES,
      quorum: 2,
      hedgeMs: MOST_MS,
      hedging: new HedgeDelay(),
      latencyMs: () => usualMs(random),
      ...change,
    };
  };
  const oneByOne = (trial: ReleaseTrial, count: number) =>
    Array.from({ length: count }, () => simulateReleases(trial, 1)).flat();
  const extraCalls = (releases: readonly { readonly calls: number }[]): number =>
    releases.reduce((sum, { calls }) => sum + calls - 2, 0);

  it('make fewer than three more calls in a hundred while all witnesses are well', () => {
    const releases = oneByOne(newTrial(), 5_000);
    expect(extraCalls(releases)).toBeGreaterThan(0);
    expect(extraCalls(releases) / (2 * 5_000)).toBeLessThan(0.03);
  });

  it('cost little more than the delay when a witness falls silent, the first one too', () => {
    const trial = newTrial();
    oneByOne(trial, 100);
    const delayMs = trial.hedging.delayMs(MOST_MS);
    expect(delayMs).toBeLessThan(100);
    const latencyMs = (witness: string): number => (witness === 'a' ? Number.POSITIVE_INFINITY : 12);
    const [first] = simulateReleases({ ...trial, latencyMs }, 1);
    expect(first).toEqual({ calls: 3, tookMs: delayMs + 12 });
  });

  it('wait as long as ever for a witness before anything is known', () => {
    const latencyMs = (witness: string): number => (witness === 'a' ? Number.POSITIVE_INFINITY : 12);
    expect(simulateReleases(newTrial({ latencyMs }), 1)).toEqual([{ calls: 3, tookMs: MOST_MS + 12 }]);
  });

  it('do not ask more when everything becomes slow at once', () => {
    const trial = newTrial();
    oneByOne(trial, 100);
    const slow = { ...trial, latencyMs: (witness: string) => 20 * trial.latencyMs(witness) };
    const releases = oneByOne(slow, 500);
    expect(extraCalls(releases.slice(0, 10))).toBeLessThanOrEqual(10);
    // From then on the delay is the longest one, which some of these answers take longer than, as they always did.
    const fixed = oneByOne({ ...slow, hedging: new HedgeDelay() }, 490);
    expect(extraCalls(releases.slice(10))).toBeLessThanOrEqual(extraCalls(fixed) * 1.1);
  });

  it('are ten early calls at most where hundreds begin at once and nothing answers in time', () => {
    const trial = newTrial();
    oneByOne(trial, 100);
    const releases = simulateReleases({ ...trial, latencyMs: () => MOST_MS - 1 }, 300);
    expect(extraCalls(releases)).toBe(10);
    expect(extraCalls(simulateReleases({ ...trial, latencyMs: () => MOST_MS - 1 }, 300))).toBe(0);
  });

  it('notice that more answers are slow, although slow ones are cut off before they are known', () => {
    const random = seededRandom(11);
    const trial = newTrial({ latencyMs: () => (random.chance(0.04) ? 300 : 10) });
    oneByOne(trial, 200);
    const often = { ...trial, latencyMs: () => (random.chance(0.15) ? 300 : 10) };
    const releases = oneByOne(often, 2_000);
    expect(extraCalls(releases)).toBeLessThanOrEqual(20);
  });
});
