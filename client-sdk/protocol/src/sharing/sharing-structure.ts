import { EkoError } from '../errors';
import { drawRandom, type RandomSource } from '../secret/random-source';
import { combineShares, splitSecret, type Share } from './sharing';

/**
 * How a contribution is shared between the two parties and the witnesses of a stream:
 * - `flat`: one polynomial for all holders; a party with `quorum` witnesses, or one witness more, can reconstruct.
 * - `and`: the contribution is `a XOR b`; both parties have `a`, the witnesses share `b`; it takes a party and
 *   `quorum` witnesses, and no number of witnesses alone suffices.
 *
 * @see docs/protocol.md, "3. Dealing"
 */
export type SharingKind = 'flat' | 'and';

const INITIATOR_INDEX = 1;
const PROVIDER_INDEX = 2;
/** On no polynomial: in `and` both parties hold the same bytes. */
const BOTH_PARTIES_INDEX = 0;
const FIRST_WITNESS_INDEX = { flat: 3, and: 1 } as const satisfies Record<SharingKind, number>;

/** A structure with its sizes. */
export interface SharingStructure {
  readonly kind: SharingKind;
  /** Witnesses that a party needs. */
  readonly quorum: number;
}

/** Every holder's part of one contribution; each part's bytes are a copy of its own. */
export interface ContributionShares {
  readonly initiator: Share;
  readonly provider: Share;
  /** In draw order. */
  readonly witnesses: readonly Share[];
}

/** Who holds a part, as far as its share index depends on it. */
export type ShareHolder =
  { readonly role: 'initiator' | 'provider' } | { readonly role: 'witness'; readonly place: number };

/** The structure that a policy asks for. */
export function sharingStructureOf(witnesses: {
  readonly quorum: number;
  readonly witnessesCanVerify: boolean;
}): SharingStructure {
  return { kind: witnesses.witnessesCanVerify ? 'flat' : 'and', quorum: witnesses.quorum };
}

/**
 * The index of a holder's share: what follows from the ledger alone, and is never taken from a share.
 *
 * In `flat` the initiator has 1, the provider 2 and the witnesses 3 onwards in draw order; in `and` both parties have 0
 * (their part is on no polynomial) and the witnesses 1 onwards.
 *
 * @param holder - `place` counts the stream's witnesses in draw order from 0
 */
export function shareIndexOf(kind: SharingKind, holder: ShareHolder): number {
  if (holder.role === 'witness') return FIRST_WITNESS_INDEX[kind] + holder.place;
  if (kind === 'and') return BOTH_PARTIES_INDEX;
  return holder.role === 'initiator' ? INITIATOR_INDEX : PROVIDER_INDEX;
}

/**
 * The index of the share of whoever has a column of a dealing's holders: initiator, provider, witnesses in draw order.
 *
 * @param column - from 0
 */
export function shareIndexAtColumn(kind: SharingKind, column: number): number {
  const [initiator, provider, firstWitness] = [0, 1, 2];
  if (column === initiator) return shareIndexOf(kind, { role: 'initiator' });
  if (column === provider) return shareIndexOf(kind, { role: 'provider' });
  return shareIndexOf(kind, { role: 'witness', place: column - firstWitness });
}

/**
 * Shares one contribution among a stream's holders.
 *
 * @param contribution - left as it is
 * @returns parts that the caller wipes
 * @throws EkoError `POLICY_UNSATISFIABLE` if there are too few witnesses for the quorum (in `flat` it takes one more),
 *   `RNG_FAILED` if the source shows no life
 */
export function newContributionShares(
  { kind, quorum, witnesses }: SharingStructure & { readonly witnesses: number },
  contribution: Uint8Array,
  random: RandomSource,
): ContributionShares {
  requireWitnesses(kind, quorum, witnesses);
  const witnessIndices = Array.from({ length: witnesses }, (_, place) =>
    shareIndexOf(kind, { role: 'witness', place }),
  );
  return kind === 'flat'
    ? shareFlat(contribution, quorum, witnessIndices, random)
    : shareBehindBoth(contribution, quorum, witnessIndices, random);
}

function shareFlat(
  contribution: Uint8Array,
  quorum: number,
  witnessIndices: readonly number[],
  random: RandomSource,
): ContributionShares {
  const indices = [INITIATOR_INDEX, PROVIDER_INDEX, ...witnessIndices];
  const parts = splitSecret(contribution, { threshold: quorum + 1, indices }, random);
  return {
    initiator: { index: INITIATOR_INDEX, bytes: partAt(parts, 0) },
    provider: { index: PROVIDER_INDEX, bytes: partAt(parts, 1) },
    witnesses: witnessIndices.map((index, place) => ({ index, bytes: partAt(parts, 2 + place) })),
  };
}

function shareBehindBoth(
  contribution: Uint8Array,
  quorum: number,
  witnessIndices: readonly number[],
  random: RandomSource,
): ContributionShares {
  const a = drawRandom(random, contribution.length);
  const b = xorBytes(contribution, a);
  try {
    const parts = splitSecret(b, { threshold: quorum, indices: witnessIndices }, random);
    return {
      initiator: { index: BOTH_PARTIES_INDEX, bytes: a },
      provider: { index: BOTH_PARTIES_INDEX, bytes: Uint8Array.from(a) },
      witnesses: witnessIndices.map((index, place) => ({ index, bytes: partAt(parts, place) })),
    };
  } finally {
    b.fill(0);
  }
}

/**
 * Gives back a contribution from a party's own part and what the witnesses released.
 *
 * Check each part against its commitment before, and the result against its check value after: wrong parts of the
 * right form give wrong bytes, not an error.
 *
 * @param own - with the index that the ledger gives this party
 * @param released - at least `quorum`, with the indices that the ledger gives their witnesses
 * @returns the contribution, which the caller wipes
 * @throws EkoError `BAD_SHARE` with the `index` of a part that cannot be of this structure, `NOT_ENOUGH_SHARES`
 */
export function combineContribution(
  { kind, quorum }: SharingStructure,
  own: Share,
  released: readonly Share[],
): Uint8Array {
  for (const { index } of released) if (index < FIRST_WITNESS_INDEX[kind]) throw misplaced(index);
  if (kind === 'flat') {
    if (own.index !== INITIATOR_INDEX && own.index !== PROVIDER_INDEX) throw misplaced(own.index);
    return combineShares([own, ...released], quorum + 1);
  }
  if (own.index !== BOTH_PARTIES_INDEX) throw misplaced(own.index);
  const b = combineShares(released, quorum);
  try {
    if (b.length !== own.bytes.length) throw misplaced(own.index);
    return xorBytes(own.bytes, b);
  } finally {
    b.fill(0);
  }
}

function requireWitnesses(kind: SharingKind, quorum: number, witnesses: number): void {
  const least = kind === 'flat' ? quorum + 1 : quorum;
  if (!Number.isInteger(quorum) || quorum < 1 || !Number.isInteger(witnesses) || witnesses < least) {
    throw new EkoError('POLICY_UNSATISFIABLE', 'the stream has too few witnesses for its quorum', {
      details: { quorum, witnesses, needed: least },
    });
  }
}

function misplaced(index: number): EkoError {
  return new EkoError('BAD_SHARE', `a part with index ${String(index)} has no such place in this structure`, {
    details: { index },
  });
}

function partAt(parts: readonly Uint8Array[], place: number): Uint8Array {
  const part = parts[place];
  if (part === undefined) throw new RangeError('a split gave fewer parts than were asked for');
  return part;
}

function xorBytes(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, i) => byte ^ (b[i] ?? 0));
}
