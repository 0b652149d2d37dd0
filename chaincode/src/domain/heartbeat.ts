import { EVENTS, type Heartbeat, type HeartbeatRecord } from '@eko/protocol/ledger';
import type { Work } from './ledger-port';
import { announced, type OutcomeOf } from './outcome';
import { requireReceiptsGoOn } from './receipt-heads';
import { heartbeatKey } from './state-keys';
import { requireOwnAdmittedNode } from './submitter-node';

/**
 * Shows that a node is there, and moves the ledger on for everybody who watches it. The write of all but witnesses is
 * blind: heartbeats cannot conflict with each other. A retired node may still give one: by the event a node that starts
 * proves to itself that it has seen the whole ledger, and only then may it serve, destroy and attest what it holds.
 *
 * @throws EkoError `FORBIDDEN`, `NOT_FOUND`, `BAD_STATE` for a node that waits for its administrator or was
 *   turned away, and for a witness as `requireReceiptsGoOn`
 */
export async function heartbeat(
  { nodeId, receipts }: Heartbeat,
  work: Work,
): Promise<OutcomeOf<'heartbeat'>> {
  const node = await requireOwnAdmittedNode(work, nodeId);
  await requireReceiptsGoOn(node, receipts, work.ledger);
  const beat: HeartbeatRecord = {
    nodeId,
    atUnixMs: work.call.nowUnixMs,
    ...(receipts === undefined ? {} : { receipts }),
  };
  await work.ledger.put(heartbeatKey(nodeId), beat);
  return announced(EVENTS.heartbeat, beat);
}
