import { EkoError, LIMITS } from '@eko/protocol';
import {
  EVENTS,
  bundleTermsOf,
  type AssignmentRecord,
  type BundleRecord,
  type ReassignOrchestrators,
} from '@eko/protocol/ledger';
import { newAssignment, requireFence } from './assignments';
import type { Work } from './ledger-port';
import { badState, isActive, isPartyOf, refuseEndedBundle, refuseLapsed } from './lifecycle';
import type { OutcomeOf } from './outcome';
import { putOnce, readAcceptance, requireBundle } from './records';
import { assignmentKey } from './state-keys';
import { requireActiveSubmitter } from './submitter-node';

/**
 * Gives a bundle whose lease has run out to the next set of orchestrators, which follows from the ledger: nobody says who
 * was silent, and nobody chooses. Where there is no other set, the present one stays until the set-up time ends the
 * bundle.
 *
 * @throws EkoError `NOT_FOUND`, `FORBIDDEN`, `FENCED`, `NOT_OVERDUE`, `STREAM_ENDED`, `BAD_STATE` before the request is
 *   accepted, once it is dealt and at the last fence, `POLICY_UNSATISFIABLE` where there is no other set
 * @see docs/protocol.md, "1. Request and consent"
 */
export async function reassignOrchestrators(
  argument: ReassignOrchestrators,
  work: Work,
): Promise<OutcomeOf<'reassignOrchestrators'>> {
  const { ledger } = work;
  const { bundleId, fence } = argument;
  const bundle = await requireBundle(ledger, bundleId);
  await requireConcerned(bundle, work);
  await refuseEndedBundle(ledger, bundleId);
  const { current, all: earlier } = await requireFence(ledger, bundleId, fence);
  if (await isActive(ledger, bundleId)) throw badState('active', 'it has been dealt');
  await refuseLapsed(ledger, bundle, work.call.nowUnixMs);
  requireOverdue(current, work);
  const next = fence + 1;
  if (next >= LIMITS.fences) throw badState('accepted', `fence ${fence} is its last`);
  const acceptance = await readAcceptance(ledger, bundleId);
  const assignment = await newAssignment({ bundle, acceptance, earlier }, work);
  await putOnce(ledger, assignmentKey(bundleId, next), assignment);
  const consentedAtUnixMs = (earlier[0] ?? current).atUnixMs;
  const payload = { assignment, consentedAtUnixMs, terms: bundleTermsOf(bundle) };
  return { result: { assignment }, event: { name: EVENTS.orchestratorsReassigned, payload } };
}

async function requireConcerned(bundle: BundleRecord, work: Work): Promise<void> {
  const { nodeId, role } = await requireActiveSubmitter(work);
  if (role !== 'orchestrator' && !isPartyOf(bundle, nodeId))
    throw new EkoError('FORBIDDEN', `Only its parties and orchestrators reassign bundle ${bundle.bundleId}`, {
      details: { bundleId: bundle.bundleId },
    });
}

/**
 * The time of both ends of a lease is somebody's word, which the contract takes only close to the peers' clocks. What it
 * may be off at either end is added, so that nobody's word makes a lease shorter than it is meant to be.
 */
function requireOverdue({ bundleId, atUnixMs }: AssignmentRecord, { call }: Work): void {
  const dueUnixMs = atUnixMs + LIMITS.replacedAfterMs;
  if (call.nowUnixMs < dueUnixMs)
    throw new EkoError('NOT_OVERDUE', `The assignment of ${bundleId} may be replaced later`, {
      details: { bundleId, dueUnixMs },
    });
}
