import { EVENTS, type AttestationRecord, type EndRecord, type LedgerEvent } from '@eko/protocol';
import type { LeadMoment, LeadTimes } from './lead-messages';
import { scheduleLead } from './lead-step';
import { NO_LEAD, isOver, type OrchestratedBundle } from './orchestrated-bundle';

/** What is to be done with dealings made here; safe to repeat. */
export type OutboxEffect =
  /** Deliver this recorded dealing until every witness has acknowledged it. */
  | { readonly kind: 'deliver'; readonly bundleId: string; readonly dealingId: string }
  /** Destroy the envelopes of these dealings. */
  | { readonly kind: 'destroy'; readonly bundleId: string; readonly dealingIds: readonly string[] };

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

/** Gives up every dealing of the bundle. Who is on record as a dealer then owes an attestation. */
export function emptyOutbox(
  state: OrchestratedBundle,
  nodeId: string,
): {
  readonly next: OrchestratedBundle;
  readonly effects: readonly OutboxEffect[];
} {
  const { outbox, record, bundle } = state;
  const isDealer = record?.dealings.some((dealing) => dealing.dealer === nodeId) === true;
  const owesAttestation = state.owesAttestation || isDealer;
  if (outbox.length === 0 && owesAttestation === state.owesAttestation) return { next: state, effects: [] };
  const next = { ...state, outbox: [], owesAttestation };
  if (outbox.length === 0) return { next, effects: [] };
  return { next, effects: [{ kind: 'destroy', bundleId: bundle.bundleId, dealingIds: outbox }] };
}

function unchanged(next: OrchestratedBundle | undefined): OrchestratorStep {
  return { next, effects: [] };
}

function keepOnly(state: OrchestratedBundle, dealingId: string | undefined): OrchestratorStep {
  const { bundleId } = state.bundle;
  const outbox = state.outbox.filter((stored) => stored === dealingId);
  const dropped = state.outbox.filter((stored) => stored !== dealingId);
  const effects: OutboxEffect[] = outbox.map((kept) => ({ kind: 'deliver', bundleId, dealingId: kept }));
  if (dropped.length > 0) effects.push({ kind: 'destroy', bundleId, dealingIds: dropped });
  return { next: { ...state, outbox }, effects };
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
