import { EVENTS, EkoError, LABELS, verifyRecordSignature } from '@eko/protocol';
import type { AttestDestruction, AttestationRecord, Destruction, DestructionStatement } from '@eko/protocol';
import type { Ledger, Work } from './ledger-port';
import { badState, indicesOf, isActive } from './lifecycle';
import { announced, type Outcome } from './outcome';
import { readEnd, requireBundle } from './records';
import { attestationKey } from './state-keys';
import { requireOwnNode } from './submitter-node';

/**
 * Records a node's signed word that what it held of ended streams is gone; a retired node may still give it.
 * @throws EkoError `NOT_FOUND`, `FORBIDDEN`, `BAD_SIGNATURE`, `BAD_STATE` for a stream that has not ended
 * @see docs/protocol.md, "6. The end"
 */
export async function attestDestruction(argument: AttestDestruction, work: Work): Promise<Outcome> {
  const { call, ledger, verify } = work;
  const { nodeId, destructions, signature } = argument;
  const node = await requireOwnNode(work, nodeId);
  const statement: DestructionStatement = { channel: call.channel, nodeId, destructions };
  verifyRecordSignature(LABELS.destructionSignature, statement, signature, node.keys.sign, verify.signature);
  for (const destruction of destructions) await requireEnded(destruction, ledger);
  const attestation: AttestationRecord = {
    nodeId,
    destructions,
    signature,
    txId: call.txId,
    atUnixMs: call.nowUnixMs,
  };
  await ledger.put(attestationKey(nodeId, call.txId), attestation);
  return announced({ name: EVENTS.destructionAttested, payload: { attestation } });
}

async function requireEnded({ bundleId, streams }: Destruction, ledger: Ledger): Promise<void> {
  const bundle = await requireBundle(ledger, bundleId);
  const indices = indicesOf(bundle, streams);
  if ((await readEnd(ledger, bundleId)) !== undefined) return;
  for (const index of indices) {
    if ((await readEnd(ledger, bundleId, index)) !== undefined) continue;
    if (!(await isActive(ledger, bundleId)))
      throw new EkoError('BAD_STATE', `Bundle ${bundleId} has not ended`, { details: { bundleId } });
    throw badState('active', `${bundleId}/${index} has not ended`);
  }
}
