import { coverOf, isSamePlace, leavesBelow, type TreePlace } from '@eko/protocol/crypto';
import type { AssignmentRecord, BundleTerms, KeptRecord } from '@eko/protocol/ledger';

/** One dealer's root, opened, checked and stored as far as its streams live; recorded on the ledger or waiting for that. */
export interface HeldDealing {
  readonly dealer: string;
  readonly dealingId: string;
  readonly epoch: number;
  readonly fence: number;
  readonly envelopeHash: string;
  readonly sheetHash: string;
  /** This witness's place among the dealing's holders. */
  readonly column: number;
  /** The nodes that are stored, from left to right: the fewest that give the streams that live, once that is done. */
  readonly nodes: readonly TreePlace[];
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
  readonly record?: KeptRecord;
  /** Streams that this witness serves no more: ended on the ledger, or expired by its own clock. */
  readonly ended: EndedStreams;
  /** Streams that the ledger has ended. */
  readonly endedOnLedger: EndedStreams;
  /**
   * Nodes that are to go, until they are known to be destroyed, and those that are being written, until `held` speaks
   * for them: nothing is attested while there are any. Not stored: a start destroys whatever `held` does not
   * speak for, before anything is attested.
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

/** The streams of a dealing whose shares can be computed from what is stored. */
export function streamsOf(
  { bundle }: Pick<WitnessState, 'bundle'>,
  { nodes }: Pick<HeldDealing, 'nodes'>,
): readonly number[] {
  return nodes.flatMap((node) => leavesBelow(node, bundle.streams));
}

/** How many shares can be computed from what is stored of a bundle. */
export function sharesHeld(state: WitnessState): number {
  return [...state.held, ...state.toDestroy].reduce(
    (shares, dealing) => shares + streamsOf(state, dealing).length,
    0,
  );
}

/** The fewest nodes that give the streams of a bundle that live. */
export function livingNodes(state: Pick<WitnessState, 'bundle' | 'ended'>): readonly TreePlace[] {
  return coverOf(state.bundle.streams, (index) => !isEnded(state, index));
}

/**
 * What is still to be cut out of a dealing because streams have ended: the nodes that are to be stored from then on, and
 * those of now that go; `undefined` where nothing is.
 */
export function punctureOf(
  state: Pick<WitnessState, 'bundle' | 'ended'>,
  dealing: HeldDealing,
): { readonly living: readonly TreePlace[]; readonly going: readonly TreePlace[] } | undefined {
  if (state.ended.length === 0 || !streamsOf(state, dealing).some((index) => isEnded(state, index)))
    return undefined;
  const living = livingNodes(state);
  return { living, going: dealing.nodes.filter((node) => !living.some((kept) => isSamePlace(kept, node))) };
}

/** Tells whether something of streams that are over is still stored. */
export function isDestructionDue(
  state: Pick<WitnessState, 'bundle' | 'ended' | 'held' | 'toDestroy'>,
): boolean {
  return state.toDestroy.length > 0 || state.held.some((dealing) => punctureOf(state, dealing) !== undefined);
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
  const { unattested, endedOnLedger } = state;
  if (unattested.length === 0 || isDestructionDue(state)) return [];
  if (unattested === 'all') return endedOnLedger;
  return endedOnLedger === 'all' ? unattested : unattested.filter((index) => endedOnLedger.includes(index));
}

/** Tells whether witness `nodeId` has a part in a bundle: it holds something of it, owes something, or was drawn. */
export function hasPart(state: WitnessState, nodeId: string): boolean {
  const { held, abandoned, toDestroy, unattested, record } = state;
  return (
    [held, abandoned, toDestroy, unattested].some(({ length }) => length > 0) ||
    record?.selection.witnesses.includes(nodeId) === true
  );
}

/**
 * Tells whether nothing of a bundle is left to do for witness `nodeId`, so that it can be forgotten: it was not drawn
 * and owes nothing, or all is over, destroyed and attested.
 */
export function isFinished(state: WitnessState, nodeId: string): boolean {
  if (state.unattested.length > 0 || isDestructionDue(state)) return false;
  const isDrawn = state.record === undefined || state.record.selection.witnesses.includes(nodeId);
  return !isDrawn || (state.endedOnLedger === 'all' && state.held.length === 0);
}

/**
 * Before when time alone changes nothing of a bundle: it ends for this witness by its own clock, as `expireBundle` says.
 * @returns 0 where each tick has to look: it waits for its draw, or for a destruction
 */
export function restsUntilUnixMs(state: WitnessState): number {
  if (state.record === undefined || isDestructionDue(state)) return 0;
  return state.ended === 'all' ? Infinity : state.bundle.notAfterUnixMs;
}
