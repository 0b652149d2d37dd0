import { LIMITS } from '@eko/protocol';
import { setupDueUnixMs } from '@eko/protocol/ledger';
import { emptyOutbox, type OutboxEffect } from './abandon-dealings';
import type { LeadEffect, LeadMoment } from './lead-messages';
import { isOver, type OrchestratorState } from './orchestrator-state';

/** Before this the ledger takes an expiry from the parties only, and the bundle's witnesses come first, too. */
const GRACE_MS = LIMITS.clockSkewMs + 30_000;
/** Between the turns of several orchestrators, and between the tries of one. */
const TURN_MS = 2_000;
const AGAIN_MS = 10_000;

/** A step of a bundle whose time may be over. */
export interface ExpiryStep {
  readonly next: OrchestratorState;
  readonly effects: readonly (OutboxEffect | Extract<LeadEffect, { kind: 'end' }>)[];
}

/**
 * Ends what is past its time by this node's own clock: the outbox goes at once, the tombstone is written in turn by
 * those who are assigned. What was not dealt in time lapses: it is over without a tombstone.
 * @see docs/protocol.md, "6. The end"
 */
export function expireBundle(state: OrchestratorState, moment: LeadMoment): ExpiryStep {
  const { bundle, assignment, record } = state;
  if (isOver(state)) return { next: state, effects: [] };
  const lapsesAtUnixMs = setupDueUnixMs(bundle, state.acceptedAtUnixMs) + LIMITS.clockSkewMs;
  if (record === undefined && moment.unixMs >= lapsesAtUnixMs) return lapsed(state, moment);
  if (moment.unixMs < bundle.notAfterUnixMs) return { next: state, effects: [] };
  const emptied = emptyOutbox(state, moment.nodeId);
  if (record === undefined) return emptied;
  const rank = assignment.orchestrators.indexOf(moment.nodeId);
  const grace = GRACE_MS + rank * TURN_MS;
  if (
    rank < 0 ||
    moment.unixMs < bundle.notAfterUnixMs + grace ||
    moment.monotonicMs < state.nextReassignAtMonotonicMs
  ) {
    return emptied;
  }
  return {
    next: { ...emptied.next, nextReassignAtMonotonicMs: moment.monotonicMs + AGAIN_MS },
    effects: [
      ...emptied.effects,
      { kind: 'end', argument: { bundleId: bundle.bundleId, streams: 'all', reason: 'expired' } },
    ],
  };
}

/** Nothing on the ledger says that it is over: it is written without what was destroyed, and so forgotten. */
function lapsed(state: OrchestratorState, { nodeId }: LeadMoment): ExpiryStep {
  const { next, effects } = emptyOutbox({ ...state, ended: 'all', lead: { kind: 'idle' } }, nodeId);
  const { bundleId } = state.bundle;
  return { next, effects: effects.length > 0 ? effects : [{ kind: 'destroy', bundleId, dealingIds: [] }] };
}
