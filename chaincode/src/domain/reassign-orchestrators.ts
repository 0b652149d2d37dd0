import {
  EVENTS,
  EkoError,
  LIMITS,
  assignOrchestrators,
  settledEntries,
  type AssignmentRecord,
  type BundleRecord,
  type ReassignOrchestrators,
} from '@eko/protocol';
import { requireFence } from './assignments';
import type { Work } from './ledger-port';
import { badState, isActive, isPartyOf, readConsent, refuseEndedBundle } from './lifecycle';
import { announced, type Outcome } from './outcome';
import { putOnce, readRoster, requireBundle } from './records';
import { assignmentKey } from './state-keys';
import { requireActiveSubmitter } from './submitter-node';
import { writeEnds } from './tombstones';

/**
 * Replaces orchestrators that let their lease run out; after the last fence the bundle ends as failed instead. Who was
 * replaced stays on record.
 *
 * @throws EkoError `NOT_FOUND`, `FORBIDDEN`, `FENCED`, `NOT_OVERDUE`, `STREAM_ENDED`, `BAD_STATE` before the request is
 *   accepted and once it is dealt, `INVALID_ARGUMENT` for a node that was not assigned
 * @see docs/protocol.md, "1. Request and consent"
 */
export async function reassignOrchestrators(argument: ReassignOrchestrators, work: Work): Promise<Outcome> {
  const { call, ledger } = work;
  const { bundleId, fence, overdue } = argument;
  const bundle = await requireBundle(ledger, bundleId);
  const by = await requireConcerned(bundle, work);
  await refuseEndedBundle(ledger, bundleId);
  const current = await requireFence(ledger, bundleId, fence);
  if (await isActive(ledger, bundleId)) throw badState('active', 'it has been dealt');
  await requireOverdue(bundle, current, work);
  refuseStrangers(overdue, current);
  const next = fence + 1;
  const orchestrators = await chooseOthers(bundle, current, overdue, work);
  if (next >= LIMITS.fences || orchestrators === undefined)
    return writeEnds(
      { bundle, streams: 'all', reason: 'failed', by, note: 'no orchestrators are left' },
      work,
    );
  const assignment: AssignmentRecord = {
    bundleId,
    fence: next,
    orchestrators,
    replaced: [...new Set([...current.replaced, ...overdue])].sort(),
    txId: call.txId,
    atUnixMs: call.nowUnixMs,
  };
  await putOnce(ledger, assignmentKey(bundleId, next), assignment);
  return announced({ name: EVENTS.orchestratorsReassigned, payload: { assignment } });
}

async function requireConcerned(bundle: BundleRecord, work: Work): Promise<string> {
  const { nodeId, role } = await requireActiveSubmitter(work);
  if (role !== 'orchestrator' && !isPartyOf(bundle, nodeId))
    throw new EkoError('FORBIDDEN', `Only its parties and orchestrators reassign bundle ${bundle.bundleId}`, {
      details: { bundleId: bundle.bundleId },
    });
  return nodeId;
}

/**
 * A lease runs from the assignment, or from the provider's consent where that came later. The time is the submitter's
 * word, which the contract takes only close to the peers' clocks.
 */
async function requireOverdue(bundle: BundleRecord, current: AssignmentRecord, work: Work): Promise<void> {
  const consent = await readConsent(work.ledger, bundle);
  if (consent === undefined) throw badState('requested', 'nobody is overdue before the provider accepts');
  const dueUnixMs = Math.max(current.atUnixMs, consent.atUnixMs) + LIMITS.assignmentLeaseMs;
  if (work.call.nowUnixMs < dueUnixMs)
    throw new EkoError('NOT_OVERDUE', `The assignment of ${bundle.bundleId} may be replaced later`, {
      details: { bundleId: bundle.bundleId, dueUnixMs },
    });
}

function refuseStrangers(overdue: readonly string[], { bundleId, orchestrators }: AssignmentRecord): void {
  const stranger = overdue.find((nodeId) => !orchestrators.includes(nodeId));
  if (stranger !== undefined)
    throw new EkoError('INVALID_ARGUMENT', `${stranger} is not assigned to bundle ${bundleId}`, {
      details: { bundleId, nodeId: stranger },
    });
}

/**
 * Others than those who fell silent, now or earlier, as far as there are enough. Only who was there at the request,
 * with the same key, can be chosen. `undefined` if not enough are left at all.
 */
async function chooseOthers(
  bundle: BundleRecord,
  current: AssignmentRecord,
  overdue: readonly string[],
  { ledger }: Work,
): Promise<string[] | undefined> {
  const { bundleId, requestTxId, policy } = bundle;
  const { entries } = await readRoster(ledger, 'orchestrator');
  const eligible = settledEntries(entries, bundle.orchestratorRosterVersion);
  if (eligible.length < policy.dealers) return undefined;
  const chosen = assignOrchestrators(eligible, {
    bundleId,
    requestTxId,
    dealers: policy.dealers,
    fence: current.fence + 1,
    excluded: [...current.replaced, ...overdue],
  });
  return [...chosen];
}
