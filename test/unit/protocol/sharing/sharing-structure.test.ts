import fc from 'fast-check';
import {
  combineContribution,
  newContributionShares,
  shareIndexOf,
  sharingStructureOf,
  type Share,
  type SharingKind,
} from '@eko/protocol/crypto';
import { combineShares } from '../../../../client-sdk/protocol/src/sharing/sharing';
import { codedError } from '../../../support/coded-error';
import { preparedBytes, seededBytes } from '../../../support/random';

const CONTRIBUTION = Uint8Array.from({ length: 32 }, (_, i) => 11 * i);
const KINDS: readonly SharingKind[] = ['flat', 'and'];

const share = (kind: SharingKind, quorum: number, witnesses: number, seed = 1) =>
  newContributionShares({ kind, quorum, witnesses }, CONTRIBUTION, seededBytes(seed));

/** All ways to pick `count` of the items. */
function picks<T>(items: readonly T[], count: number): T[][] {
  if (count === 0) return [[]];
  return items.flatMap((item, i) => picks(items.slice(i + 1), count - 1).map((rest) => [item, ...rest]));
}

describe('sharing structures', () => {
  it('follow from the policy', () => {
    expect(sharingStructureOf({ quorum: 3, witnessesCanVerify: true })).toEqual({ kind: 'flat', quorum: 3 });
    expect(sharingStructureOf({ quorum: 3, witnessesCanVerify: false })).toEqual({ kind: 'and', quorum: 3 });
  });

  it('number the holders', () => {
    const parts = { flat: share('flat', 2, 3), and: share('and', 2, 3) };
    expect([parts.flat.initiator.index, parts.flat.provider.index]).toEqual([1, 2]);
    expect([parts.and.initiator.index, parts.and.provider.index]).toEqual([0, 0]);
    expect(parts.flat.witnesses.map(({ index }) => index)).toEqual([3, 4, 5]);
    expect(parts.and.witnesses.map(({ index }) => index)).toEqual([1, 2, 3]);
    for (const kind of KINDS) {
      expect(shareIndexOf(kind, { role: 'initiator' })).toBe(parts[kind].initiator.index);
      expect(shareIndexOf(kind, { role: 'provider' })).toBe(parts[kind].provider.index);
      expect([0, 1, 2].map((place) => shareIndexOf(kind, { role: 'witness', place }))).toEqual(
        parts[kind].witnesses.map(({ index }) => index),
      );
    }
  });

  it.each(KINDS)(
    '%s gives back the contribution to each party with every quorum, up to 5 witnesses',
    (kind) => {
      for (let witnesses = 1; witnesses <= 5; witnesses += 1) {
        for (let quorum = 1; quorum <= witnesses - (kind === 'flat' ? 1 : 0); quorum += 1) {
          const parts = share(kind, quorum, witnesses, 10 * witnesses + quorum);
          for (const own of [parts.initiator, parts.provider]) {
            for (const released of picks(parts.witnesses, quorum)) {
              expect(combineContribution({ kind, quorum }, own, released)).toEqual(CONTRIBUTION);
            }
          }
        }
      }
    },
  );

  it.each(KINDS)(
    '%s gives one witness fewer than the quorum nothing, at whatever threshold they try',
    (kind) => {
      for (const [quorum, witnesses] of [
        [2, 3],
        [3, 4],
        [3, 5],
      ] as const) {
        const parts = share(kind, quorum, witnesses, 100 * quorum + witnesses);
        for (const few of picks(parts.witnesses, quorum - 1)) {
          // What interpolation gives, had the dealer made the polynomial one degree lower.
          const held = kind === 'flat' ? [parts.initiator, ...few] : few;
          const found = combineShares(held, held.length);
          const guess =
            kind === 'flat' ? found : found.map((byte, i) => byte ^ (parts.initiator.bytes[i] ?? 0));
          expect(guess).not.toEqual(CONTRIBUTION);
          const tooFew = () => combineContribution({ kind, quorum }, parts.initiator, few);
          expect(codedError(tooFew).code).toBe('NOT_ENOUGH_SHARES');
        }
        // Without a party it takes one more in the flat structure; in the other no number suffices.
        for (const alone of picks(parts.witnesses, quorum))
          expect(combineShares(alone, alone.length)).not.toEqual(CONTRIBUTION);
      }
    },
  );

  it('flat gives back the contribution to one witness more than the quorum', () => {
    const { witnesses } = share('flat', 2, 4);
    for (const released of picks(witnesses, 3)) expect(combineShares(released, 3)).toEqual(CONTRIBUTION);
  });

  it('and tells all witnesses together nothing: every contribution byte fits what they hold, in one way', () => {
    const heldByAll = (a: number, contribution: number): number =>
      newContributionShares(
        { kind: 'and', quorum: 1, witnesses: 1 },
        Uint8Array.of(contribution),
        preparedBytes(a),
      ).witnesses[0]!.bytes[0]!;
    const fitting = Array.from({ length: 256 }, (_, contribution) =>
      Array.from({ length: 256 }, (__, a) => heldByAll(a, contribution)).filter((held) => held === 0x42),
    );
    expect(fitting.every((ways) => ways.length === 1)).toBe(true);
  });

  it('and tells the two parties nothing: their part is what the source drew', () => {
    const parts = newContributionShares(
      { kind: 'and', quorum: 2, witnesses: 3 },
      CONTRIBUTION,
      preparedBytes(1, 2, 3),
    );
    expect([...parts.initiator.bytes.subarray(0, 3)]).toEqual([1, 2, 3]);
    expect(parts.provider.bytes).toEqual(parts.initiator.bytes);
  });

  it('gives each party a copy of its own, so that wiping one leaves the other', () => {
    const parts = share('and', 1, 1);
    parts.initiator.bytes.fill(0);
    expect(combineContribution({ kind: 'and', quorum: 1 }, parts.provider, parts.witnesses)).toEqual(
      CONTRIBUTION,
    );
  });

  it('refuses sizes that cannot work, with the numbers', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...KINDS),
        fc.integer({ min: -1, max: 5 }),
        fc.integer({ min: 0, max: 5 }),
        (kind, quorum, witnesses) => {
          const possible = quorum >= 1 && witnesses >= (kind === 'flat' ? quorum + 1 : quorum);
          if (possible) return void share(kind, quorum, witnesses);
          const error = codedError(() => share(kind, quorum, witnesses));
          expect(error.code).toBe('POLICY_UNSATISFIABLE');
          expect(error.details).toMatchObject({ quorum, witnesses });
        },
      ),
    );
  });

  it('refuses a source that is stuck', () => {
    for (const kind of KINDS) {
      const how = { kind, quorum: 2, witnesses: 3 };
      expect(
        codedError(() => newContributionShares(how, CONTRIBUTION, (length) => new Uint8Array(length))).code,
      ).toBe('RNG_FAILED');
    }
  });

  it.each(KINDS)('%s refuses too few released shares', (kind) => {
    const parts = share(kind, 3, 4);
    const combine = () => combineContribution({ kind, quorum: 3 }, parts.initiator, parts.witnesses.slice(2));
    expect(codedError(combine).code).toBe('NOT_ENOUGH_SHARES');
  });

  it.each<
    [string, SharingKind, number, (own: Share, released: readonly Share[]) => [Share, readonly Share[]]]
  >([
    ['the same share twice', 'flat', 3, (own, [first]) => [own, [first!, first!]]],
    ['the same share twice', 'and', 1, (own, [first]) => [own, [first!, first!]]],
    [
      "a party's index among the witnesses'",
      'flat',
      2,
      (own, [first]) => [own, [first!, { ...own, index: 2 }]],
    ],
    ["a party's index among the witnesses'", 'and', 0, (own, [first]) => [own, [first!, own]]],
    ["a witness's share as one's own", 'flat', 3, (_, [first, second]) => [first!, [second!]]],
    ["a witness's share as one's own", 'and', 1, (_, released) => [released[0]!, released]],
    [
      'an own part of another size',
      'and',
      0,
      (own, released) => [{ ...own, bytes: own.bytes.slice(1) }, released],
    ],
  ])('refuses %s (%s), naming it', (_, kind, index, change) => {
    const parts = share(kind, 2, 3);
    const [own, released] = change(parts.initiator, parts.witnesses);
    const error = codedError(() => combineContribution({ kind, quorum: 2 }, own, released));
    expect(error.code).toBe('BAD_SHARE');
    expect(error.details).toEqual({ index });
  });
});
