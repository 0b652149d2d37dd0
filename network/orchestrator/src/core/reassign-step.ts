import { LIMITS } from '@eko/protocol';
import { type EndStream } from '@eko/protocol/ledger';
import type { LeadMoment, LeadStep, LeadTimes } from './lead-messages';
import type { OrchestratorState } from './orchestrator-state';

/** Between the turns of several orchestrators. */
const TURN_MS = 1_000;

/**
 * What any orchestrator does for a bundle that is not dealt in time: after the lease the next set is asked for, after the
 * set-up time the request ends. In turns, so that not all come at once. It accuses nobody: whose doing it was, no ledger
 * can tell.
 *
 * @returns `undefined` where there is nothing to do now
 * @see docs/protocol.md, "1. Request and consent"
 */
export function reassignStep(
  state: OrchestratorState,
  moment: LeadMoment,
  times: LeadTimes,
): LeadStep | undefined {
  if (moment.monotonicMs < state.nextReassignAtMonotonicMs) return undefined;
  const { bundle, assignment, acceptedAtUnixMs } = state;
  const { bundleId } = bundle;
  const { fence, orchestrators, atUnixMs } = assignment;
  const rank = orchestrators.indexOf(moment.nodeId);
  const turnMs = (rank >= 0 ? rank : orchestrators.length) * TURN_MS;
  const next = { ...state, nextReassignAtMonotonicMs: moment.monotonicMs + LIMITS.assignmentLeaseMs / 4 };
  if (rank >= 0 && moment.unixMs >= acceptedAtUnixMs + times.setupMs + turnMs)
    return { next, effects: [{ kind: 'end', argument: failedBundle(bundleId, 'not dealt in time') }] };
  if (fence + 1 >= LIMITS.fences || moment.unixMs < atUnixMs + LIMITS.replacedAfterMs + turnMs)
    return undefined;
  return { next, effects: [{ kind: 'reassign', argument: { bundleId, fence } }] };
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
