import { EVENTS, type EndRecord, type LedgerEvent } from '@eko/protocol';
import { scheduleLead, type LeadMoment, type LeadTimes } from './lead-step';
import { isOver, type OrchestratedBundle } from './orchestrated-bundle';

/** What a ledger event means for the dealings made here; safe to repeat. */
export type OutboxEffect =
  /** Keep delivering the dealing with this ID, if it was made here; drop every other of the bundle. */
  | { readonly kind: 'keepDealing'; readonly bundleId: string; readonly dealingId: string | undefined }
  /** The bundle is over: destroy all that is left of it. */
  | { readonly kind: 'destroyDealings'; readonly bundleId: string };

/** A bundle after a ledger event. */
export interface OrchestratorStep {
  readonly next: OrchestratedBundle | undefined;
  readonly effects: readonly OutboxEffect[];
}

/** One ledger event applied to one bundle. Events that were applied before change nothing. */
export function applyLedgerEvent(
  state: OrchestratedBundle | undefined,
  event: LedgerEvent,
  bundleId: string,
  moment: LeadMoment,
  times: LeadTimes,
): OrchestratorStep {
  if (event.name === EVENTS.streamsRequested) {
    if (state !== undefined) return { next: state, effects: [] };
    const { bundle, assignment } = event.payload;
    const fresh: OrchestratedBundle = {
      bundle,
      assignment,
      ...(bundle.offerId === undefined ? {} : { acceptedAtUnixMs: bundle.requestedAtUnixMs }),
      ended: [],
      lead: { kind: 'idle' },
      attempt: 0,
      silent: [],
      nextRescueAtMonotonicMs: 0,
    };
    return { next: scheduleLead(fresh, moment, times), effects: [] };
  }
  if (state === undefined) return { next: undefined, effects: [] };
  switch (event.name) {
    case EVENTS.streamsAccepted:
      if (state.acceptedAtUnixMs !== undefined) return { next: state, effects: [] };
      return {
        next: scheduleLead({ ...state, acceptedAtUnixMs: event.payload.acceptance.atUnixMs }, moment, times),
        effects: [],
      };
    case EVENTS.orchestratorsReassigned: {
      const { assignment } = event.payload;
      if (assignment.fence <= state.assignment.fence) return { next: state, effects: [] };
      return { next: scheduleLead({ ...state, assignment }, moment, times), effects: [] };
    }
    case EVENTS.dealingsRecorded: {
      if (state.record !== undefined) return { next: state, effects: [] };
      const { record } = event.payload;
      const mine = record.dealings.find((dealing) => dealing.dealer === moment.nodeId);
      return {
        next: { ...state, record, lead: { kind: 'idle' } },
        effects: [{ kind: 'keepDealing', bundleId, dealingId: mine?.dealingId }],
      };
    }
    case EVENTS.streamsEnded:
      return endStreams(
        state,
        event.payload.ends.filter((end) => end.bundleId === bundleId),
      );
    default:
      return { next: state, effects: [] };
  }
}

function endStreams(state: OrchestratedBundle, ends: readonly EndRecord[]): OrchestratorStep {
  if (state.ended === 'all') return { next: state, effects: [] };
  const indices = ends.flatMap((end) => (end.index === undefined ? [] : [end.index]));
  const ended = indices.length < ends.length ? 'all' : [...new Set([...state.ended, ...indices])];
  const next: OrchestratedBundle = { ...state, ended, lead: ended === 'all' ? { kind: 'idle' } : state.lead };
  return {
    next,
    effects: isOver(next) ? [{ kind: 'destroyDealings', bundleId: state.bundle.bundleId }] : [],
  };
}
