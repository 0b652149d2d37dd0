import type { AssignmentRecord, BundleTerms, DealingsRecord } from '@eko/protocol/ledger';

/** A share that this witness holds: its stream and its place in the sharing. */
export interface HeldShare {
  readonly index: number;
  readonly shareIndex: number;
}

/** One dealer's envelope, opened, checked and stored; recorded on the ledger or still waiting for that. */
export interface HeldDealing {
  readonly dealer: string;
  readonly dealingId: string;
  readonly epoch: number;
  readonly fence: number;
  readonly envelopeHash: string;
  readonly sheetHash: string;
  readonly shares: readonly HeldShare[];
  readonly storedAtUnixMs: number;
}

/** A dealer's signed word that it gave a dealing up, as this witness verified it. */
export interface KeptAbandonment {
  readonly dealer: string;
  readonly dealingId: string;
  /** Base64url, over the `AbandonmentStatement`. */
  readonly signature: string;
  /** The dealer's `sign` key under which it held; base64url. The dealer may have another one by now. */
  readonly signKey: string;
}

/**
 * Leave for one party to collect, as this process saw it arrive. Never stored: after a restart its age on the
 * monotonic clock is unknown, so the party asks the ledger for a new one.
 */
export interface Permit {
  readonly txId: string;
  readonly parties: readonly string[];
  readonly streams: 'all' | readonly number[];
  readonly atUnixMs: number;
  readonly seenAtMonotonicMs: number;
  /** `party/index` of every release already made on it. */
  readonly used: ReadonlySet<string>;
}

/** Which streams of a bundle are over. */
export type EndedStreams = 'all' | readonly number[];

/** What a witness knows of one bundle, from its consent on; everything but `toDestroy` and `permits` is stored. */
export interface WitnessState {
  readonly bundle: BundleTerms;
  readonly assignment: AssignmentRecord;
  readonly held: readonly HeldDealing[];
  /**
   * What dealers abandoned under the present assignment; once the ledger has dealings, those of them that it records all
   * the same.
   */
  readonly abandoned: readonly KeptAbandonment[];
  readonly record?: DealingsRecord;
  /** Streams that this witness serves no more: ended on the ledger, or expired by its own clock. */
  readonly ended: EndedStreams;
  /** Streams that the ledger has ended. */
  readonly endedOnLedger: EndedStreams;
  /**
   * Shares of streams that are over, until they are known to be destroyed. Not stored: a start destroys whatever `held`
   * does not speak for, before anything is attested.
   */
  readonly toDestroy: readonly HeldDealing[];
  /** Streams whose shares were held here when they ended, and whose attestation is not on the ledger yet. */
  readonly unattested: EndedStreams;
  readonly permits: readonly Permit[];
}

/** Tells whether stream `index` of the bundle is over. */
export function isEnded(state: Pick<WitnessState, 'ended'>, index: number): boolean {
  return state.ended === 'all' || state.ended.includes(index);
}

/** A dealing with those of its shares that are wanted. */
export function withShares(dealing: HeldDealing, isWanted: (index: number) => boolean): HeldDealing {
  return { ...dealing, shares: dealing.shares.filter((share) => isWanted(share.index)) };
}

/** The wanted shares of dealings; dealings without any are left out. */
export function sharesOf(
  held: readonly HeldDealing[],
  isWanted: (index: number) => boolean,
): readonly HeldDealing[] {
  return held.map((dealing) => withShares(dealing, isWanted)).filter((dealing) => dealing.shares.length > 0);
}

/** The union of two selections of a bundle's streams; indices that name every stream are `all`. */
export function joinStreams(
  { bundle }: Pick<WitnessState, 'bundle'>,
  left: EndedStreams,
  right: EndedStreams,
): EndedStreams {
  if (left === 'all' || right === 'all') return 'all';
  const union = [...new Set([...left, ...right])].sort((a, b) => a - b);
  return union.length >= bundle.streams ? 'all' : union;
}

/** What of a selection of a bundle's streams is not in another one. */
export function withoutStreams(
  { bundle }: Pick<WitnessState, 'bundle'>,
  streams: EndedStreams,
  gone: EndedStreams,
): EndedStreams {
  if (gone === 'all') return [];
  const indices = streams === 'all' ? Array.from({ length: bundle.streams }, (_, index) => index) : streams;
  return indices.filter((index) => !gone.includes(index));
}

/** Streams to attest now: destroyed here and ended on the ledger. */
export function attestable(state: WitnessState): EndedStreams {
  const { unattested, endedOnLedger, toDestroy } = state;
  if (toDestroy.length > 0) return [];
  if (unattested === 'all') return endedOnLedger;
  return endedOnLedger === 'all' ? unattested : unattested.filter((index) => endedOnLedger.includes(index));
}

/**
 * Tells whether nothing of a bundle is left to do for witness `nodeId`, so that it can be forgotten: it was not drawn
 * and owes nothing, or all is over, destroyed and attested.
 */
export function isFinished(state: WitnessState, nodeId: string): boolean {
  if (state.unattested.length > 0 || state.toDestroy.length > 0) return false;
  const isDrawn = state.record === undefined || state.record.selection.witnesses.includes(nodeId);
  return !isDrawn || (state.endedOnLedger === 'all' && state.held.length === 0);
}
