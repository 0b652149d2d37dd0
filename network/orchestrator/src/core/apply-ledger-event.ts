import {
  EVENTS,
  bundleTermsOf,
  destructionsBy,
  keptRecord,
  type AssignmentRecord,
  type AttestationRecord,
  type BundleTerms,
  type EndRecord,
  type LedgerEvent,
} from '@eko/protocol/ledger';
import type { LeadMoment, LeadTimes } from './lead-messages';
import { scheduleLead } from './lead-step';
import { emptyOutbox, keepOnly, withdrawEnded, type OutboxEffect } from './abandon-dealings';
import { NO_LEAD, isOver, type OrchestratorState } from './orchestrator-state';

/** A bundle after a ledger event. */
export interface OrchestratorStep {
  readonly next: OrchestratorState | undefined;
  readonly effects: readonly OutboxEffect[];
}

/**
 * One ledger event applied to one bundle. Events that were applied before change nothing. A bundle is known from its
 * consent on, or from the first event on that assigns a node which did not hear of it.
 */
export function applyLedgerEvent(
  state: OrchestratorState | undefined,
  event: LedgerEvent,
  bundleId: string,
  moment: LeadMoment,
  times: LeadTimes,
): OrchestratorStep {
  if (state === undefined) {
    const fresh = newBundle(event, moment.nodeId);
    return unchanged(fresh === undefined ? undefined : scheduleLead(fresh, moment, times));
  }
  switch (event.name) {
    case EVENTS.orchestratorsReassigned: {
      const { assignment } = event.payload;
      if (assignment.fence <= state.assignment.fence) return unchanged(state);
      return unchanged(scheduleLead({ ...state, assignment }, moment, times));
    }
    case EVENTS.dealingsRecorded: {
      if (state.record !== undefined) return unchanged(state);
      const { record } = event.payload;
      const mine = record.dealings.find((dealing) => dealing.dealer === moment.nodeId)?.dealingId;
      return keepOnly({ ...state, record: keptRecord(record), lead: { kind: 'idle' } }, mine);
    }
    case EVENTS.streamsEnded:
      return endStreams(
        state,
        event.payload.ends.filter((end) => end.bundleId === bundleId),
        moment.nodeId,
      );
    case EVENTS.destructionAttested:
      return unchanged(attested(state, event.payload.record, moment.nodeId));
    default:
      return unchanged(state);
  }
}

/** The bundle that an event assigns for the first time, or to this node. */
function newBundle(event: LedgerEvent, nodeId: string): OrchestratorState | undefined {
  switch (event.name) {
    case EVENTS.streamsAccepted:
      return fresh(event.payload.terms, event.payload.assignment);
    case EVENTS.streamsRequested: {
      const { bundle, assignment } = event.payload;
      return assignment === undefined ? undefined : fresh(bundleTermsOf(bundle), assignment);
    }
    case EVENTS.orchestratorsReassigned: {
      const { terms, assignment, consentedAtUnixMs } = event.payload;
      return assignment.orchestrators.includes(nodeId)
        ? fresh(terms, assignment, consentedAtUnixMs)
        : undefined;
    }
    default:
      return undefined;
  }
}

function fresh(
  bundle: BundleTerms,
  assignment: AssignmentRecord,
  acceptedAtUnixMs = assignment.atUnixMs,
): OrchestratorState {
  return {
    ...NO_LEAD,
    bundle,
    assignment,
    acceptedAtUnixMs,
    ended: [],
    outbox: [],
    destroying: [],
    owesAttestation: false,
  };
}

function unchanged(next: OrchestratorState | undefined): OrchestratorStep {
  return { next, effects: [] };
}

function endStreams(state: OrchestratorState, ends: readonly EndRecord[], nodeId: string): OrchestratorStep {
  if (state.ended === 'all' || isOver(state)) return unchanged(state);
  const indices = ends.flatMap((end) => (end.index === undefined ? [] : [end.index]));
  const ended = indices.length < ends.length ? 'all' : [...new Set([...state.ended, ...indices])];
  const next: OrchestratorState = { ...state, ended, lead: ended === 'all' ? { kind: 'idle' } : state.lead };
  return isOver(next) ? emptyOutbox(next, nodeId) : { next, effects: withdrawEnded(next, nodeId) };
}

function attested(state: OrchestratorState, record: AttestationRecord, self: string): OrchestratorState {
  const { bundleId } = state.bundle;
  const isMine = destructionsBy(record, self).some((entry) => entry.bundleId === bundleId);
  return isMine && state.owesAttestation ? { ...state, owesAttestation: false } : state;
}
