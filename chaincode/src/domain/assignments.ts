import { EkoError, LIMITS } from '@eko/protocol';
import {
  type AcceptanceRecord,
  type AssignmentRecord,
  type BundleRecord,
  organisationsAt,
  recomputeAssignment,
  settledEntries,
} from '@eko/protocol/ledger';
import type { Ledger, Work } from './ledger-port';
import { badState } from './lifecycle';
import { readAssignment, readRoster, requireNode } from './records';

/**
 * The assignments of a bundle by fence; none before consent. The key after the last is read and found empty, so that a
 * reassignment that overtakes this transaction makes it invalid.
 */
async function readAssignments(ledger: Ledger, bundleId: string): Promise<readonly AssignmentRecord[]> {
  const assignments: AssignmentRecord[] = [];
  for (let fence = 0; fence < LIMITS.fences; fence += 1) {
    const next = await readAssignment(ledger, bundleId, fence);
    if (next === undefined) break;
    assignments.push(next);
  }
  return assignments;
}

/** The assignment in force: the one of the highest fence; none before consent. */
export async function currentAssignment(
  ledger: Ledger,
  bundleId: string,
): Promise<AssignmentRecord | undefined> {
  return (await readAssignments(ledger, bundleId)).at(-1);
}

/**
 * All assignments, the last of which is in force and must be the one that the caller speaks of.
 * @throws EkoError `BAD_STATE` before consent, `FENCED`
 */
export async function requireFence(
  ledger: Ledger,
  bundleId: string,
  fence: number,
): Promise<{ readonly current: AssignmentRecord; readonly all: readonly AssignmentRecord[] }> {
  const all = await readAssignments(ledger, bundleId);
  const current = all.at(-1);
  if (current === undefined) throw badState('requested', 'nobody is assigned before the provider accepts');
  if (current.fence !== fence)
    throw new EkoError('FENCED', `Bundle ${bundleId} is at fence ${current.fence}, not ${fence}`, {
      details: { bundleId, fence: current.fence },
    });
  return { current, all };
}

/**
 * Tells whether a node is or was assigned to deal a bundle. It stops at the first assignment that names the node, so
 * that for an assigned node it reads what never changes: a reassignment cannot make its revocation conflict.
 */
export async function wasAssigned(ledger: Ledger, bundleId: string, nodeId: string): Promise<boolean> {
  for (let fence = 0; fence < LIMITS.fences; fence += 1) {
    const assignment = await readAssignment(ledger, bundleId, fence);
    if (assignment === undefined) return false;
    if (assignment.orchestrators.includes(nodeId)) return true;
  }
  return false;
}

/**
 * The next assignment of a bundle: the first with its consent, or the one after the last of `earlier`. Who may be
 * assigned was in the roster at the request, with the same key, and still is; what others changed since then leaves no
 * organisation more seats than it had at the request.
 *
 * @param acceptance - the provider's own; `undefined` where a standing offer consents
 * @param earlier - the assignments before, in their order
 * @throws EkoError `BAD_PROOF` where the provider's proof does not hold, `POLICY_UNSATISFIABLE` where no set exists
 * @see docs/protocol.md, "1. Request and consent"
 */
export async function newAssignment(
  input: {
    readonly bundle: BundleRecord;
    readonly acceptance: Pick<AcceptanceRecord, 'proof'> | undefined;
    readonly earlier: readonly AssignmentRecord[];
  },
  { call, ledger, verify }: Work,
): Promise<AssignmentRecord> {
  const { bundle, acceptance, earlier } = input;
  const { entries } = await readRoster(ledger, 'orchestrator');
  const candidates = settledEntries(entries, bundle.orchestratorRosterVersion);
  const sets = await Promise.all(
    earlier.map(({ orchestrators }) =>
      Promise.all(orchestrators.map((nodeId) => requireNode(ledger, nodeId))),
    ),
  );
  const { channel } = call;
  const { bundleId } = bundle;
  const next = recomputeAssignment({
    channel,
    bundle,
    acceptance,
    candidates,
    earlier: sets,
    organisations: organisationsAt(entries, bundle.orchestratorRosterVersion),
    verify: verify.vrf,
  });
  const heldBy = earlier.at(-1)?.orchestrators;
  return {
    bundleId,
    ...next,
    ...(heldBy === undefined ? {} : { heldBy }),
    txId: call.txId,
    atUnixMs: call.nowUnixMs,
  };
}
