import { EkoError, NodeId, strictObject, type NodeRecord, type Static } from '@eko/protocol';
import type { Work } from './ledger-port';
import { readNode, readRecord, requireNode } from './records';
import { identityKey } from './state-keys';

/** What the ledger holds of an identity: the node that it registered. */
export const IdentityRecord = strictObject({ nodeId: NodeId });
export type IdentityRecord = Static<typeof IdentityRecord>;

/** The node of the submitter, active or retired; `undefined` if it registered none. */
export async function findSubmitterNode({ call, ledger }: Work): Promise<NodeRecord | undefined> {
  const owner = await readRecord(ledger, IdentityRecord, identityKey(call.submitter.identity));
  return owner === undefined ? undefined : readNode(ledger, owner.nodeId);
}

/**
 * The active node of the submitter.
 * @throws EkoError `FORBIDDEN` if the submitter registered none, or retired it
 */
export async function requireActiveSubmitter(work: Work): Promise<NodeRecord> {
  const node = await findSubmitterNode(work);
  if (node === undefined)
    throw new EkoError('FORBIDDEN', 'The submitting identity has not registered a node: register it first');
  if (node.status !== 'active')
    throw new EkoError('FORBIDDEN', `Node ${node.nodeId} is retired`, { details: { nodeId: node.nodeId } });
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
 * As `requireOwnNode`, and the node must not be retired.
 * @throws EkoError `BAD_STATE` if it is
 */
export async function requireOwnActiveNode(work: Work, nodeId: string): Promise<NodeRecord> {
  const node = await requireOwnNode(work, nodeId);
  if (node.status !== 'active')
    throw new EkoError('BAD_STATE', `Node ${nodeId} is retired, and a retired node stays so`, {
      details: { nodeId, state: node.status },
    });
  return node;
}
