import { LABELS, signRecord, type AttestDestruction, type Destruction } from '@eko/protocol';
import { newEd25519Signer } from '@eko/protocol/node';
import { CHANNEL } from './eko-ledger';
import type { TestNode } from './test-node';

/**
 * A node's signed attestation.
 *
 * @param change - what the signature is over instead, for one that does not hold
 */
export function newAttestation(
  node: TestNode,
  destructions: Destruction[],
  change: { readonly channel?: string; readonly nodeId?: string } = {},
): AttestDestruction {
  const statement = { channel: CHANNEL, nodeId: node.nodeId, destructions, ...change };
  const sign = newEd25519Signer(node.seeds.sign);
  const signature = signRecord(LABELS.destructionSignature, statement, sign);
  return { nodeId: node.nodeId, destructions, signature };
}
