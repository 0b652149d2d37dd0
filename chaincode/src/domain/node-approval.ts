import { EkoError } from '@eko/protocol';
import { EVENTS, type NodeRecord, type NodeVersion } from '@eko/protocol/ledger';
import type { Work } from './ledger-port';
import { withFacts, withoutProposal } from './node-attributes';
import { freePendingPlace } from './node-places';
import { announced, type OutcomeOf } from './outcome';
import { requireNode } from './records';
import { enterRoster } from './roster';
import { nodeKey } from './state-keys';
import { requireAdministrator } from './vouching';

/**
 * Lets a node take part that waits for its organisation, or lets the zone and tags count that it changed to.
 *
 * @throws EkoError `NOT_FOUND`, `FORBIDDEN` for anybody but an administrator of the node's own MSP, `BAD_STATE` for
 *   another key epoch than the one that was looked at and where nothing waits, `ROSTER_FULL`
 * @see docs/protocol.md, "The ledger is the directory"
 */
export async function approveNode(version: NodeVersion, work: Work): Promise<OutcomeOf<'approveNode'>> {
  const before = await requireWaiting(version, work);
  const present: NodeRecord = { ...withoutProposal(before), status: 'active', txId: work.call.txId };
  const node = before.proposed === undefined ? present : withFacts(present, before.proposed);
  if (before.status === 'pending') await freePendingPlace(node.mspId, work);
  await enterRoster(node, work);
  await work.ledger.put(nodeKey(node.nodeId), node);
  return announced(EVENTS.nodeApproved, { node });
}

/**
 * Turns a node away that waits for its organisation, for good; or zone and tags that an active one changed to.
 *
 * @throws EkoError as `approveNode`
 */
export async function rejectNode(version: NodeVersion, work: Work): Promise<OutcomeOf<'rejectNode'>> {
  const { call, ledger } = work;
  const before = await requireWaiting(version, work);
  const status = before.status === 'pending' ? 'rejected' : before.status;
  const node: NodeRecord = { ...withoutProposal(before), status, txId: call.txId };
  if (before.status === 'pending') await freePendingPlace(before.mspId, work);
  await ledger.put(nodeKey(node.nodeId), node);
  return announced(EVENTS.nodeRejected, { node });
}

async function requireWaiting(
  { nodeId, keyEpoch }: NodeVersion,
  { call, ledger }: Work,
): Promise<NodeRecord> {
  const node = await requireNode(ledger, nodeId);
  requireAdministrator(call, node);
  if (node.keyEpoch !== keyEpoch)
    throw new EkoError('BAD_STATE', `Node ${nodeId} is at key epoch ${node.keyEpoch}: look at it again`, {
      details: { nodeId, keyEpoch: node.keyEpoch },
    });
  const waits = node.status === 'pending' || (node.status === 'active' && node.proposed !== undefined);
  if (!waits)
    throw new EkoError(
      'BAD_STATE',
      `Node ${nodeId} is ${node.status}, and nothing of it waits for approval`,
      {
        details: { nodeId, status: node.status },
      },
    );
  return node;
}
