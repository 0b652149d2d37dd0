import '@eko/embedded-ledger';
import { LedgerHistory } from '../../client-sdk/audit/src/ledger-history';
import { CHANNEL } from '../support/contracts/eko-ledger';
import { newHistoryCast } from './history-cast';
import { RandomHistory, type StoryBundle } from './random-history';
import { needed } from './story';

const LABEL = 'a label that somebody gave it';
/** Text, and numbers of objects, that one ended bundle may keep, of one stream. */
const MOST_CHARACTERS = 1_800;
const MOST_OBJECTS = 60;

/** What can be reached from a value: each object once, and the characters of all texts. */
function reachedFrom(value: unknown): { objects: number; characters: number; texts: string[] } {
  const seen = new Set<unknown>();
  const texts: string[] = [];
  const waiting: unknown[] = [value];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next === 'string') texts.push(next);
    if (typeof next !== 'object' || next === null || seen.has(next)) continue;
    seen.add(next);
    const items: Iterable<unknown> | undefined =
      next instanceof Map || next instanceof Set ? next : undefined;
    if (items !== undefined) waiting.push(...[...items].flat());
    else waiting.push(...(Object.values(next) as unknown[]));
  }
  return { objects: seen.size, characters: texts.join('').length, texts };
}

describe('what a history keeps of a bundle', () => {
  it('is little once it is over, however much was asked and dealt, and all that is asked of it later', async () => {
    const cast = await newHistoryCast();
    const story = await RandomHistory.open(cast, 11);
    const dealt = async (streams: number): Promise<StoryBundle> => {
      const labels = Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`name${n}`, LABEL]));
      const requests = Array.from({ length: streams }, () => ({
        dataType: 'video',
        permissions: ['read'],
        labels,
      }));
      const bundle = needed(await story.request({ requests }));
      await story.accept(bundle);
      await story.deal(bundle);
      await story.collect(bundle, cast.provider, 'again');
      return bundle;
    };
    const [small, large, living] = [await dealt(1), await dealt(40), await dealt(1)];
    await story.revoke(small, cast.initiator.identity, 'all');
    for (let index = 0; index < 40; index += 20)
      await story.revoke(
        large,
        cast.initiator.identity,
        Array.from({ length: 20 }, (_, n) => index + n),
      );
    for (const bundle of [small, large]) await story.attestAll(bundle, 'all');
    const { blocks, nowUnixMs } = await story.made();
    const history = new LedgerHistory(CHANNEL, nowUnixMs);
    for (const block of blocks) history.apply(block);
    expect(history.violations).toEqual([]);
    const keptOf = ({ record }: StoryBundle) => reachedFrom(needed(history.bundles.get(record.bundleId)));
    for (const bundle of [small, large, living]) expect(keptOf(bundle).texts).not.toContain(LABEL);
    const kept = keptOf(small);
    expect(kept.objects).toBeLessThan(MOST_OBJECTS);
    expect(kept.characters).toBeLessThan(MOST_CHARACTERS);
    // A place and an end for each stream that ended by itself, and its draw.
    const more = keptOf(large);
    expect(more.objects - kept.objects).toBeLessThan(40 * 4);
    expect(more.characters - kept.characters).toBeLessThan(40 * 200);
    expect(keptOf(living).characters).toBeGreaterThan(MOST_CHARACTERS);
    const registryOf = ({ record }: StoryBundle) =>
      history.bundles.get(record.bundleId)?.registry.witnesses.length;
    expect([small, large, living].map(registryOf)).toEqual([0, 0, cast.witnesses.length]);

    // Of a second end and of attestations everything is still known.
    const { permits, ends, dealings, assignments } = needed(history.bundles.get(small.record.bundleId));
    expect([
      permits.size,
      ends.length,
      dealings?.record.selection,
      assignments[0]?.record.orchestrators,
    ]).toEqual([
      2,
      1,
      { ...needed(small.dealt).selection, seed: '' },
      needed(small.assignment).orchestrators,
    ]);
    expect(history.bundles.get(large.record.bundleId)?.attested.get('provider')).toBe('all');
  }, 60_000);
});
