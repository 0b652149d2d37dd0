import { LIMITS, type ErrorCode } from '@eko/protocol';
import type { Attestation, AttestationRecord } from '@eko/protocol/ledger';

/** An attestation that waits to be submitted with others. */
export interface WaitingAttestation {
  readonly attestation: Attestation;
  readonly sinceMonotonicMs: number;
  /** How often a transaction with it has failed. */
  readonly failures: number;
  /** With how many it may go, itself among them: half of those with whom it failed. */
  readonly atMost: number;
}

/**
 * The attestations that this node gathers, its own among them. Never stored: it promises nobody anything, and every node
 * owes its own until the ledger shows it.
 */
export interface GatheringState {
  /** Oldest first. */
  readonly waiting: readonly WaitingAttestation[];
  /** What a transaction under way brings. */
  readonly submitting: readonly WaitingAttestation[];
  /** What was gathered here and is on the ledger, or was left out there, by `keysOf`; the oldest is forgotten first. */
  readonly done: ReadonlySet<string>;
}

/** Something that happened to the gathering. */
export type GatheringEvent =
  /** A node handed over its attestation, whose signature holds. */
  | { readonly kind: 'handed'; readonly attestation: Attestation }
  /** Time has passed. */
  | { readonly kind: 'tick' }
  /** The ledger shows attestations, whoever submitted them. */
  | { readonly kind: 'recorded'; readonly record: Pick<AttestationRecord, 'attestations'> }
  /** The transaction under way was taken, or failed with a code. */
  | { readonly kind: 'settled'; readonly code?: ErrorCode | undefined };

/** What comes of it. */
export interface GatheringStep {
  readonly next: GatheringState;
  /** To be submitted in one transaction; the answer comes back as `settled`. */
  readonly submit?: readonly Attestation[];
  /**
   * Whether an attestation that was handed over is taken: also where it says what was taken before, which is not kept
   * twice; not where its node, or all nodes, already have too much here.
   */
  readonly isTaken: boolean;
}

/** Nothing was gathered yet. */
export const NOTHING_GATHERED: GatheringState = { waiting: [], submitting: [], done: new Set() };

/** What one node may have waiting here, and all of them, in destructions. */
const MOST_OF_A_NODE = 2 * LIMITS.destructionsPerAttestation;
const MOST_OF_ALL = 16 * LIMITS.destructionsPerTransaction;
/** So many attestations of one node wait here: eight nodes' fill a transaction. */
const MOST_STATEMENTS_OF_A_NODE = LIMITS.attestationsPerTransaction / 8;
/** So many destructions are remembered after they are done. */
const MOST_DONE = 4 * LIMITS.destructionsPerTransaction;
/** After so many failed transactions an attestation is dropped: its node submits it itself. */
const MOST_FAILURES = 2;

/**
 * One step of the gathering: attestations of many nodes and bundles go to the ledger in one transaction, `gatherMs` after
 * the oldest came, or as soon as a transaction is full. One transaction is under way at a time.
 *
 * @see docs/protocol.md, "6. The end"
 */
export function gatheringStep(
  state: GatheringState,
  event: GatheringEvent,
  monotonicMs: number,
  gatherMs: number,
): GatheringStep {
  switch (event.kind) {
    case 'handed': {
      const { attestation } = event;
      if (isKnown(state, attestation)) return { next: state, isTaken: true };
      if (!hasRoomFor(state, attestation)) return { next: state, isTaken: false };
      const atMost = LIMITS.attestationsPerTransaction;
      const handed = { attestation, sinceMonotonicMs: monotonicMs, failures: 0, atMost };
      return submitIfDue({ ...state, waiting: [...state.waiting, handed] }, monotonicMs, gatherMs);
    }
    case 'tick':
      return submitIfDue(state, monotonicMs, gatherMs);
    case 'recorded': {
      const shown = new Set(event.record.attestations.flatMap(keysOf));
      const isShown = ({ attestation }: WaitingAttestation) => hasAll(shown, attestation);
      const waiting = state.waiting.filter((each) => !isShown(each));
      // What is under way stays there until it is settled: one transaction at a time.
      const seen = [...state.waiting, ...state.submitting].filter(isShown);
      return { next: { ...state, waiting, done: remembering(state.done, seen) }, isTaken: true };
    }
    case 'settled': {
      const { submitting } = state;
      const isTaken = event.code === undefined;
      const again = isTaken
        ? []
        : afterFailure(submitting.filter(({ attestation }) => !hasAll(state.done, attestation)));
      const done = isTaken ? remembering(state.done, submitting) : state.done;
      return { next: { waiting: [...again, ...state.waiting], submitting: [], done }, isTaken: true };
    }
  }
}

function submitIfDue(state: GatheringState, monotonicMs: number, gatherMs: number): GatheringStep {
  const [oldest] = state.waiting;
  const batch = fittingOf(state.waiting);
  const isFull = batch.length < state.waiting.length || batch.length === LIMITS.attestationsPerTransaction;
  const isDue = oldest !== undefined && (isFull || monotonicMs - oldest.sinceMonotonicMs >= gatherMs);
  if (!isDue || state.submitting.length > 0) return { next: state, isTaken: true };
  return {
    next: { ...state, waiting: state.waiting.slice(batch.length), submitting: batch },
    submit: batch.map(({ attestation }) => attestation),
    isTaken: true,
  };
}

/** The oldest that fit one transaction. What failed before goes apart, and by halves, so that it costs few others a second time. */
function fittingOf(waiting: readonly WaitingAttestation[]): readonly WaitingAttestation[] {
  let destructions = 0;
  const batch: WaitingAttestation[] = [];
  for (const each of waiting) {
    destructions += each.attestation.destructions.length;
    const isFull = batch.length >= each.atMost || destructions > LIMITS.destructionsPerTransaction;
    if (isFull || (batch[0] !== undefined && batch[0].failures !== each.failures)) break;
    batch.push(each);
  }
  return batch;
}

function afterFailure(failed: readonly WaitingAttestation[]): readonly WaitingAttestation[] {
  const atMost = Math.ceil(failed.length / 2);
  return failed.flatMap((each) =>
    each.failures + 1 < MOST_FAILURES ? [{ ...each, failures: each.failures + 1, atMost }] : [],
  );
}

/** What an attestation says, one destruction a key, however and with whichever receipts it is signed. */
function keysOf({ nodeId, destructions }: Attestation): readonly string[] {
  return destructions.map(({ bundleId, epoch, streams }) => {
    const which = streams === 'all' ? streams : [...streams].sort((a, b) => a - b).join();
    return `${nodeId}/${bundleId}/${epoch}/${which}`;
  });
}

function hasAll(known: ReadonlySet<string>, attestation: Attestation): boolean {
  return keysOf(attestation).every((key) => known.has(key));
}

function isKnown({ waiting, submitting, done }: GatheringState, attestation: Attestation): boolean {
  const { nodeId } = attestation;
  const ofNode = [...waiting, ...submitting].filter((each) => each.attestation.nodeId === nodeId);
  const kept = new Set(ofNode.flatMap((each) => keysOf(each.attestation)));
  return keysOf(attestation).every((key) => kept.has(key) || done.has(key));
}

function remembering(done: ReadonlySet<string>, seen: readonly WaitingAttestation[]): ReadonlySet<string> {
  if (seen.length === 0) return done;
  return new Set([...done, ...seen.flatMap(({ attestation }) => keysOf(attestation))].slice(-MOST_DONE));
}

function hasRoomFor({ waiting, submitting }: GatheringState, { nodeId, destructions }: Attestation): boolean {
  const count = (of: readonly WaitingAttestation[]): number =>
    of.reduce((sum, { attestation }) => sum + attestation.destructions.length, 0);
  const all = [...waiting, ...submitting];
  const ofNode = all.filter(({ attestation }) => attestation.nodeId === nodeId);
  return (
    ofNode.length < MOST_STATEMENTS_OF_A_NODE &&
    count(ofNode) + destructions.length <= MOST_OF_A_NODE &&
    count(all) + destructions.length <= MOST_OF_ALL
  );
}
