import { LIMITS, type EndStream, type ReassignOrchestrators } from '@eko/protocol';
import type { LeadMoment, LeadStep, LeadTimes } from './lead-messages';
import type { OrchestratedBundle } from './orchestrated-bundle';

/** Between the turns of several orchestrators. */
const TURN_MS = 1_000;

/**
 * What any orchestrator does for a bundle that is not dealt in time: after the lease the silent are replaced, after the
 * set-up time the request ends. In turns, so that not all come at once.
 *
 * @returns `undefined` where there is nothing to do now
 * @see docs/protocol.md, "1. Request and consent"
 */
export function rescueStep(
  state: OrchestratedBundle,
  moment: LeadMoment,
  times: LeadTimes,
): LeadStep | undefined {
  if (moment.monotonicMs < state.nextRescueAtMonotonicMs) return undefined;
  const { bundle, assignment } = state;
  const begun = Math.max(assignment.atUnixMs, state.acceptedAtUnixMs ?? 0);
  const rank = assignment.orchestrators.indexOf(moment.nodeId);
  const turnMs = (rank >= 0 ? rank : assignment.orchestrators.length) * TURN_MS;
  const next = { ...state, nextRescueAtMonotonicMs: moment.monotonicMs + LIMITS.assignmentLeaseMs / 4 };
  const accepted = Math.max(bundle.requestedAtUnixMs, state.acceptedAtUnixMs ?? 0);
  if (rank >= 0 && moment.unixMs >= accepted + times.setupMs + turnMs) {
    return {
      next,
      effects: [{ kind: 'end', argument: failedBundle(bundle.bundleId, 'not dealt in time') }],
    };
  }
  if (moment.unixMs < begun + LIMITS.assignmentLeaseMs + turnMs) return undefined;
  const [lead] = assignment.orchestrators;
  const suspects = state.silent.filter((peer) => peer !== moment.nodeId);
  const overdue = suspects.length > 0 || lead === undefined || lead === moment.nodeId ? suspects : [lead];
  if (overdue.length === 0) return undefined;
  const argument: ReassignOrchestrators = {
    bundleId: bundle.bundleId,
    fence: assignment.fence,
    overdue: [...overdue],
  };
  return { next, effects: [{ kind: 'reassign', argument }] };
}

/** The end of a request that nobody could deal. */
export function failedBundle(bundleId: string, note: string): EndStream {
  return {
    bundleId,
    streams: 'all',
    reason: 'failed',
    note,
  };
}
