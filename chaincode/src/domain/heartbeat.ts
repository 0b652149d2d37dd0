import { EVENTS, type NodeReference } from '@eko/protocol';
import type { Work } from './ledger-port';
import { announced, type Outcome } from './outcome';
import { heartbeatKey } from './state-keys';
import { requireOwnActiveNode } from './submitter-node';

/**
 * Shows that a node is there, and moves the ledger on for everybody who watches it. The write is blind: heartbeats
 * cannot conflict with each other.
 *
 * @throws EkoError `FORBIDDEN`, `NOT_FOUND`, `BAD_STATE`
 */
export async function heartbeat({ nodeId }: NodeReference, work: Work): Promise<Outcome> {
  await requireOwnActiveNode(work, nodeId);
  const beat = { nodeId, atUnixMs: work.call.nowUnixMs };
  await work.ledger.put(heartbeatKey(nodeId), beat);
  return announced({ name: EVENTS.heartbeat, payload: beat });
}
