import { EkoError, LIMITS, type AssignmentRecord } from '@eko/protocol';
import type { Ledger } from './ledger-port';
import { readAssignment } from './records';

/**
 * The assignment in force: the one of the highest fence. The key after it is read and found empty, so that a
 * reassignment that overtakes this transaction makes it invalid.
 */
export async function currentAssignment(ledger: Ledger, bundleId: string): Promise<AssignmentRecord> {
  let current: AssignmentRecord | undefined;
  for (let fence = 0; fence < LIMITS.fences; fence += 1) {
    const next = await readAssignment(ledger, bundleId, fence);
    if (next === undefined) break;
    current = next;
  }
  if (current === undefined)
    throw new EkoError('CORRUPT_RECORD', `Bundle ${bundleId} was requested without an assignment`, {
      details: { bundleId },
    });
  return current;
}

/**
 * The assignment in force, which must be the one that the caller speaks of.
 * @throws EkoError `FENCED`
 */
export async function requireFence(
  ledger: Ledger,
  bundleId: string,
  fence: number,
): Promise<AssignmentRecord> {
  const current = await currentAssignment(ledger, bundleId);
  if (current.fence !== fence)
    throw new EkoError('FENCED', `Bundle ${bundleId} is at fence ${current.fence}, not ${fence}`, {
      details: { bundleId, fence: current.fence },
    });
  return current;
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
