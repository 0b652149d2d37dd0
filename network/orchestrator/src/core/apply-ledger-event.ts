import { EVENTS, type AttestationRecord, type EndRecord, type LedgerEvent } from '@eko/protocol';
import type { LeadMoment, LeadTimes } from './lead-messages';
import { scheduleLead } from './lead-step';
import { emptyOutbox, keepOnly, type OutboxEffect } from './give-up-dealings';
import { NO_LEAD, isOver, type OrchestratedBundle } from './orchestrated-bundle';

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
    if (state !== undefined) return unchanged(state);
    const { bundle, assignment } = event.payload;
    const fresh: OrchestratedBundle = {
      ...NO_LEAD,
      bundle,
      assignment,
      ...(bundle.offerId === undefined ? {} : { acceptedAtUnixMs: bundle.requestedAtUnixMs }),
      ended: [],
      outbox: [],
      destroying: [],
      owesAttestation: false,
    };
    return unchanged(scheduleLead(fresh, moment, times));
  }
  if (state === undefined) return unchanged(undefined);
  switch (event.name) {
    case EVENTS.streamsAccepted: {
      if (state.acceptedAtUnixMs !== undefined) return unchanged(state);
      const { atUnixMs } = event.payload.acceptance;
      return unchanged(scheduleLead({ ...state, acceptedAtUnixMs: atUnixMs }, moment, times));
    }
    case EVENTS.orchestratorsReassigned: {
      const { assignment } = event.payload;
      if (assignment.fence <= state.assignment.fence) return unchanged(state);
      return unchanged(scheduleLead({ ...state, assignment }, moment, times));
    }
    case EVENTS.dealingsRecorded: {
      if (state.record !== undefined) return unchanged(state);
      const { record } = event.payload;
      const mine = record.dealings.find((dealing) => dealing.dealer === moment.nodeId)?.dealingId;
      return keepOnly({ ...state, record, lead: { kind: 'idle' } }, mine);
    }
    case EVENTS.streamsEnded:
      return endStreams(
        state,
        event.payload.ends.filter((end) => end.bundleId === bundleId),
        moment.nodeId,
      );
    case EVENTS.destructionAttested:
      return unchanged(attested(state, event.payload.attestation, moment.nodeId));
    default:
      return unchanged(state);
  }
}

function unchanged(next: OrchestratedBundle | undefined): OrchestratorStep {
  return { next, effects: [] };
}

function endStreams(state: OrchestratedBundle, ends: readonly EndRecord[], nodeId: string): OrchestratorStep {
  if (state.ended === 'all' || isOver(state)) return unchanged(state);
  const indices = ends.flatMap((end) => (end.index === undefined ? [] : [end.index]));
  const ended = indices.length < ends.length ? 'all' : [...new Set([...state.ended, ...indices])];
  const next: OrchestratedBundle = { ...state, ended, lead: ended === 'all' ? { kind: 'idle' } : state.lead };
  return isOver(next) ? emptyOutbox(next, nodeId) : unchanged(next);
}

function attested(
  state: OrchestratedBundle,
  { nodeId, destructions }: AttestationRecord,
  self: string,
): OrchestratedBundle {
  const isMine = nodeId === self && destructions.some((entry) => entry.bundleId === state.bundle.bundleId);
  return isMine && state.owesAttestation ? { ...state, owesAttestation: false } : state;
}
