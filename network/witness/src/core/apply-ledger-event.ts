import { LIMITS } from '@eko/protocol';
import {
  EVENTS,
  bundleTermsOf,
  destructionsBy,
  keptRecord,
  setupDueUnixMs,
  type AssignmentRecord,
  type BundleTerms,
  type DealingsRecord,
  type Destruction,
  type EndRecord,
  type LedgerEvent,
} from '@eko/protocol/ledger';
import { holdersOf } from '@eko/protocol/crypto';
import {
  isEnded,
  joinStreams,
  streamsOf,
  withoutStreams,
  type EndedStreams,
  type HeldDealing,
  type KeptAbandonment,
  type Permit,
  type WitnessState,
} from './witness-state';

/** What the shell has to do after a step; all of it is safe to repeat. */
export type WitnessEffect =
  /** Destroy what is stored of streams that are over; `isDestructionDue` until then. */
  | { readonly kind: 'destroy'; readonly bundleId: string }
  /** Destroy what is stored of a dealing that the ledger did not record. */
  | { readonly kind: 'drop'; readonly bundleId: string; readonly dealing: HeldDealing }
  /** A recorded dealing gave this witness other places than the draw did, or other shares than were recorded. */
  | {
      readonly kind: 'alarm';
      readonly bundleId: string;
      readonly dealer: string;
      readonly reason: 'misdealt';
    }
  /** The ledger records a dealing that its dealer signed as abandoned: prove it. */
  | { readonly kind: 'accuse'; readonly bundleId: string; readonly abandonment: KeptAbandonment };

/** A step of one bundle. */
export interface WitnessStep {
  readonly next: WitnessState | undefined;
  readonly effects: readonly WitnessEffect[];
}

/** Who is looking, and when on its own clock. */
export interface WitnessView {
  readonly nodeId: string;
  readonly monotonicMs: number;
}

/**
 * One ledger event applied to one bundle: new state and what to do.
 * Events that were applied before, or that do not concern the bundle, change nothing.
 * @see docs/protocol.md, "4. Release" and "6. The end"
 */
export function applyLedgerEvent(
  state: WitnessState | undefined,
  event: LedgerEvent,
  bundleId: string,
  view: WitnessView,
): WitnessStep {
  if (state === undefined) return unchanged(newBundle(event));
  switch (event.name) {
    case EVENTS.orchestratorsReassigned:
      if (event.payload.assignment.fence <= state.assignment.fence) return unchanged(state);
      return reassign(state, event.payload.assignment);
    case EVENTS.dealingsRecorded:
      return recordDealings(state, event.payload.record, view);
    case EVENTS.releaseAuthorized: {
      const { party, streams, txId, atUnixMs } = event.payload.permit;
      if (state.permits.some((permit) => permit.txId === txId)) return unchanged(state);
      return unchanged(withPermit(state, newPermit([party], streams, txId, atUnixMs, view)));
    }
    case EVENTS.streamsEnded:
      return endStreams(
        state,
        event.payload.ends.filter((end) => end.bundleId === bundleId),
      );
    case EVENTS.destructionAttested:
      return unchanged(attested(state, destructionsBy(event.payload.record, view.nodeId)));
    default:
      return unchanged(state);
  }
}

/** The bundle that an event consents to, if it does: nothing is kept of what nobody has consented to. */
function newBundle(event: LedgerEvent): WitnessState | undefined {
  if (event.name === EVENTS.streamsAccepted) return fresh(event.payload.terms, event.payload.assignment);
  if (event.name !== EVENTS.streamsRequested) return undefined;
  const { bundle, assignment } = event.payload;
  return assignment === undefined ? undefined : fresh(bundleTermsOf(bundle), assignment);
}

function fresh(bundle: BundleTerms, assignment: AssignmentRecord): WitnessState {
  return {
    bundle,
    assignment,
    held: [],
    abandoned: [],
    ended: [],
    endedOnLedger: [],
    toDestroy: [],
    unattested: [],
    permits: [],
  };
}

function unchanged(next: WitnessState | undefined): WitnessStep {
  return { next, effects: [] };
}

/** What was dealt under an earlier assignment can never be recorded. */
function reassign(state: WitnessState, assignment: AssignmentRecord): WitnessStep {
  if (state.record !== undefined) return unchanged({ ...state, assignment });
  const { bundleId } = state.bundle;
  const fenced = state.held.filter((dealing) => dealing.fence < assignment.fence);
  return {
    next: {
      ...state,
      assignment,
      held: state.held.filter((dealing) => !fenced.includes(dealing)),
      abandoned: [],
    },
    effects: fenced.map((dealing) => ({ kind: 'drop', bundleId, dealing })),
  };
}

function recordDealings(state: WitnessState, record: DealingsRecord, view: WitnessView): WitnessStep {
  if (state.record !== undefined) return unchanged(state);
  const recorded = new Map(record.dealings.map((dealing) => [dealing.dealer, dealing]));
  const drawnColumn = holdersOf(state.bundle, record.selection).indexOf(view.nodeId, 2);
  const effects: WitnessEffect[] = [];
  const held: HeldDealing[] = [];
  for (const dealing of state.held) {
    const { bundleId } = state.bundle;
    const onLedger = recorded.get(dealing.dealer);
    if (onLedger?.dealingId !== dealing.dealingId) {
      effects.push({ kind: 'drop', bundleId, dealing });
      continue;
    }
    if (onLedger.sheetHash !== dealing.sheetHash) {
      // Under one name the dealer gave one dealing here and had another recorded: released, these shares would miss the
      // recorded commitments, and look like this witness's doing.
      effects.push({ kind: 'alarm', bundleId, dealer: dealing.dealer, reason: 'misdealt' });
      effects.push({ kind: 'drop', bundleId, dealing });
      continue;
    }
    if (dealing.column !== drawnColumn) {
      effects.push({ kind: 'alarm', bundleId, dealer: dealing.dealer, reason: 'misdealt' });
      effects.push({ kind: 'drop', bundleId, dealing });
      continue;
    }
    held.push(dealing);
  }
  const permit = newPermit(
    [state.bundle.initiator, state.bundle.policy.provider],
    'all',
    record.txId,
    record.atUnixMs,
    view,
  );
  const abandoned = state.abandoned.filter(
    ({ dealer, dealingId }) => recorded.get(dealer)?.dealingId === dealingId,
  );
  // Whoever was not drawn held, at most, what a dealer gave it in spite of the draw. The ledger takes no word of that.
  const kept = keptRecord(record, drawnColumn, ({ dealingId }) =>
    abandoned.some((given) => given.dealingId === dealingId),
  );
  const unattested = drawnColumn < 0 ? [] : state.unattested;
  const next = withPermit({ ...state, held, abandoned, unattested, record: kept }, permit);
  return { next, effects: [...effects, ...accusationsOf(next)] };
}

/** Whom this witness has to accuse in a bundle: again after a start, for it may have ended between record and proof. */
export function accusationsOf({ bundle, record, abandoned }: WitnessState): readonly WitnessEffect[] {
  if (record === undefined) return [];
  return abandoned.map((abandonment) => ({ kind: 'accuse', bundleId: bundle.bundleId, abandonment }));
}

function newPermit(
  parties: readonly string[],
  streams: EndedStreams,
  txId: string,
  atUnixMs: number,
  view: WitnessView,
): Permit {
  return { txId, parties, streams, atUnixMs, seenAtMonotonicMs: view.monotonicMs, used: new Set() };
}

/** Permits live seconds, so a bundle keeps only the newest few of each party: by its own, none evicts the other's. */
const PERMITS_KEPT = 16;

function withPermit(state: WitnessState, permit: Permit): WitnessState {
  const { initiator, policy } = state.bundle;
  const permits = [...state.permits, permit];
  const kept = new Set(
    [initiator, policy.provider].flatMap((party) =>
      permits.filter(({ parties }) => parties.includes(party)).slice(-PERMITS_KEPT),
    ),
  );
  return { ...state, permits: permits.filter((each) => kept.has(each)) };
}

function endStreams(state: WitnessState, ends: readonly EndRecord[]): WitnessStep {
  const indices = ends.flatMap((end) => (end.index === undefined ? [] : [end.index]));
  const ending = indices.length < ends.length ? 'all' : joinStreams(state, [], indices);
  const step = destroyStreams(state, ending);
  return {
    ...step,
    next: { ...step.next, endedOnLedger: joinStreams(state, state.endedOnLedger, ending) },
  };
}

/**
 * What happens to a bundle whose time is over by this witness's own clock: the shares go at once; the attestation
 * waits for the end on the ledger.
 */
export function expireBundle(state: WitnessState, nowUnixMs: number): WitnessStep {
  if (state.ended === 'all' || nowUnixMs < state.bundle.notAfterUnixMs) return unchanged(state);
  return destroyStreams(state, 'all');
}

/**
 * What happens to a bundle that was not dealt in time, when no dealing can come any more: what is held of it goes, and so
 * does the bundle. No record ends it, so nothing is attested.
 */
export function lapseBundle(state: WitnessState, nowUnixMs: number): WitnessStep {
  const { bundle, assignment, record, endedOnLedger, held } = state;
  // A later assignment counts from later than the ledger does, and so is never too early.
  const lapsesAtUnixMs = setupDueUnixMs(bundle, assignment.atUnixMs) + LIMITS.clockSkewMs;
  if (record !== undefined || endedOnLedger === 'all' || nowUnixMs < lapsesAtUnixMs) return unchanged(state);
  return {
    next: { ...state, ended: 'all', endedOnLedger: 'all', held: [], unattested: [], permits: [] },
    effects: held.map((dealing) => ({ kind: 'drop', bundleId: bundle.bundleId, dealing })),
  };
}

/** Drops dealings that the ledger did not record within `limitMs`. */
export function dropUnrecorded(state: WitnessState, nowUnixMs: number, limitMs: number): WitnessStep {
  if (state.record !== undefined) return unchanged(state);
  const stale = state.held.filter((dealing) => nowUnixMs - dealing.storedAtUnixMs > limitMs);
  if (stale.length === 0) return unchanged(state);
  return {
    next: { ...state, held: state.held.filter((dealing) => !stale.includes(dealing)) },
    effects: stale.map((dealing) => ({ kind: 'drop', bundleId: state.bundle.bundleId, dealing })),
  };
}

function destroyStreams(state: WitnessState, ending: EndedStreams): WitnessStep & { next: WitnessState } {
  const ended = joinStreams(state, state.ended, ending);
  const isEnding = (index: number): boolean => ending === 'all' || ending.includes(index);
  const owes = state.held.some((dealing) => streamsOf(state, dealing).some(isEnding));
  const isOver = ended === 'all';
  return {
    next: {
      ...state,
      ended,
      // Of a bundle that lives on, what goes is cut out of what is stored, which takes the disk: `punctureOf` says what.
      held: isOver ? [] : state.held,
      toDestroy: isOver ? [...state.toDestroy, ...state.held] : state.toDestroy,
      permits: isOver ? [] : state.permits,
      unattested: owes ? joinStreams(state, state.unattested, ending) : state.unattested,
    },
    effects: owes ? [{ kind: 'destroy', bundleId: state.bundle.bundleId }] : [],
  };
}

/** The state once these of the nodes to destroy are destroyed: what they owe can be attested. */
export function withDestroyed(state: WitnessState, destroyed: readonly HeldDealing[]): WitnessState {
  return { ...state, toDestroy: state.toDestroy.filter((dealing) => !destroyed.includes(dealing)) };
}

/** The state with what witness `nodeId` owes of a dealing that was being stored while streams of it ended. */
export function withOwed(state: WitnessState, stored: HeldDealing, nodeId: string): WitnessState {
  const over = streamsOf(state, stored).filter((index) => isEnded(state, index));
  const isDrawn = state.record === undefined || state.record.selection.witnesses.includes(nodeId);
  if (over.length === 0 || !isDrawn) return state;
  return { ...state, unattested: joinStreams(state, state.unattested, over) };
}

function attested(state: WitnessState, destructions: readonly Destruction[]): WitnessState {
  let unattested = state.unattested;
  for (const destruction of destructions) {
    if (destruction.bundleId !== state.bundle.bundleId) continue;
    // Of a bundle that is over here, the ledger may have ended only some streams yet: the others stay owed.
    unattested = withoutStreams(state, unattested, destruction.streams);
  }
  return { ...state, unattested };
}
