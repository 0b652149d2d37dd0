import { EkoError } from '@eko/protocol';
import { NodeId, strictObject, type NodeRecord, type NodeStatus } from '@eko/protocol/ledger';
import { type Static } from '@eko/protocol/encoding';
import type { Work } from './ledger-port';
import { readNode, readRecord, requireNode } from './records';
import { identityKey } from './state-keys';

/** What the ledger holds of an identity: the node that it registered. */
export const IdentityRecord = strictObject({ nodeId: NodeId });
export type IdentityRecord = Static<typeof IdentityRecord>;

/** The node of the submitter, whatever its status; `undefined` if it registered none. */
export async function findSubmitterNode({ call, ledger }: Work): Promise<NodeRecord | undefined> {
  const owner = await readRecord(ledger, IdentityRecord, identityKey(call.submitter.identity));
  return owner === undefined ? undefined : readNode(ledger, owner.nodeId);
}

/**
 * The active node of the submitter.
 * @throws EkoError `FORBIDDEN` if the submitter registered none, or one that takes no part
 */
export async function requireActiveSubmitter(work: Work): Promise<NodeRecord> {
  const node = await requireSubmitterNode(work);
  if (node.status !== 'active')
    throw new EkoError('FORBIDDEN', `Node ${node.nodeId} is ${node.status}, not active`, {
      details: { nodeId: node.nodeId, status: node.status },
    });
  return node;
}

async function requireSubmitterNode(work: Work): Promise<NodeRecord> {
  const node = await findSubmitterNode(work);
  if (node === undefined)
    throw new EkoError('FORBIDDEN', 'The submitting identity has not registered a node: register it first');
  return node;
}

/**
 * The record of a node that only its own identity may act for.
 * @throws EkoError `NOT_FOUND` if there is no such node, `FORBIDDEN` if it is another identity's
 */
export async function requireOwnNode(work: Work, nodeId: string): Promise<NodeRecord> {
  const node = await requireNode(work.ledger, nodeId);
  if (node.identity !== work.call.submitter.identity)
    throw new EkoError('FORBIDDEN', `Only the identity that registered ${nodeId} may act for it`, {
      details: { nodeId },
    });
  return node;
}

/**
 * As `requireOwnNode`, and the node takes part, or did once: its organisation let it.
 * @throws EkoError `BAD_STATE` if it waits for its administrator or was turned away
 */
export async function requireOwnAdmittedNode(work: Work, nodeId: string): Promise<NodeRecord> {
  return requireAdmitted(await requireOwnNode(work, nodeId));
}

/**
 * The submitter's node, which takes part, or did once.
 * @throws EkoError `FORBIDDEN` if the submitter registered none, `BAD_STATE` as `requireAdmitted`
 */
export async function requireAdmittedSubmitter(work: Work): Promise<NodeRecord> {
  return requireAdmitted(await requireSubmitterNode(work));
}

/**
 * A node that takes part, or did once: its organisation let it.
 * @throws EkoError `BAD_STATE` if it waits for its administrator or was turned away
 */
export function requireAdmitted(node: NodeRecord): NodeRecord {
  if (node.status === 'pending' || node.status === 'rejected') throw wrongStatus(node);
  return node;
}

/**
 * As `requireOwnNode`, and the node must be active.
 * @throws EkoError `BAD_STATE` if it is not
 */
export async function requireOwnActiveNode(work: Work, nodeId: string): Promise<NodeRecord> {
  const node = await requireOwnNode(work, nodeId);
  if (node.status !== 'active') throw wrongStatus(node);
  return node;
}

/** A refusal of what a node of that status cannot do any more, or not yet. */
export function wrongStatus({ nodeId, status }: NodeRecord): EkoError {
  return new EkoError('BAD_STATE', `Node ${nodeId} is ${STANDING[status]}`, { details: { nodeId, status } });
}

const STANDING: Readonly<Record<NodeStatus, string>> = {
  pending: 'pending: an administrator of its organisation has to approve it first',
  active: 'active',
  rejected: 'rejected, and a rejected node stays so',
  retired: 'retired, and a retired node stays so',
};
