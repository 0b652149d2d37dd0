/** What a network is loaded with to see what that costs: each answers rates, and processor time by the kind of process. */
import { mapKinds, spending, spendingAboveIdle } from './processor-time.mjs';
import { attested, endBundles, inFlight, setUpBundle, untilOf, writeOnce } from './stream-setup.mjs';

/**
 * Sets up bundles, some at a time, and ends them.
 *
 * @param size - streams of a bundle
 * @param most - bundles in flight
 * @param until - what a stream is set up for: `keys` at both parties, the first `byte`, or only to be `active`
 * @param keep - whether they are left alive, to be ended by `endKept`
 * @returns streams a second, and processor time a bundle: of its set-up, and of its end without what idling takes
 */
export async function bundles(lane, { count, size, most, until = 'keys', keep = false }) {
  const bundleIds = [];
  const isDone = untilOf(until);
  const { ms, spent } = await spending(lane, () =>
    inFlight(count, most, async () => {
      bundleIds.push(await setUpBundle(lane.parties, size, isDone));
    }),
  );
  const answer = { perSecond: (count * size * 1000) / ms, processorMs: each(spent, count) };
  if (keep) {
    lane.kept.push(...bundleIds);
    return answer;
  }
  const end = await spendingAboveIdle(lane, () => endBundles(lane.parties, bundleIds));
  return { ...answer, endMs: each(end.spent, count) };
}

/** Ends what was left alive, so many at the most. */
export async function endKept(lane, { most = Infinity } = {}) {
  const bundleIds = lane.kept.splice(0, most);
  const { spent } = await spendingAboveIdle(lane, () => endBundles(lane.parties, bundleIds));
  return { endMs: each(spent, bundleIds.length) };
}

/** Plain writes of one key. */
export async function writes(lane, { count, most }) {
  const { ms, spent } = await spending(lane, () => inFlight(count, most, () => writeOnce(lane.parties)));
  return { perSecond: (count * 1000) / ms, processorMs: each(spent, count) };
}

/** What the processes take a second while there is nothing to do; `spendingAboveIdle` goes by the last answer. */
export async function idle(lane, { ms }) {
  await attested(lane.parties);
  const { ms: took, spent } = await spending(lane, () => new Promise((resolve) => setTimeout(resolve, ms)));
  lane.idlePerSecond = each(spent, took / 1000);
  return { perSecond: lane.idlePerSecond };
}

const each = (spent, count) => mapKinds(spent, (ms) => ms / count);
