import { EVENTS, type NodeReference } from '@eko/protocol';
import type { Work } from './ledger-port';
import { announced, type Outcome } from './outcome';
import { heartbeatKey } from './state-keys';
import { requireOwnNode } from './submitter-node';

/**
 * Shows that a node is there, and moves the ledger on for everybody who watches it. The write is blind: heartbeats
 * cannot conflict with each other. A retired node may still give one: by the event a node that starts proves to itself
 * that it has seen the whole ledger, and only then may it serve, destroy and attest what it holds.
 *
 * @throws EkoError `FORBIDDEN`, `NOT_FOUND`
 */
export async function heartbeat({ nodeId }: NodeReference, work: Work): Promise<Outcome> {
  await requireOwnNode(work, nodeId);
  const beat = { nodeId, atUnixMs: work.call.nowUnixMs };
  await work.ledger.put(heartbeatKey(nodeId), beat);
  return announced({ name: EVENTS.heartbeat, payload: beat });
}
