import { newAttestation as signAttestation } from '@eko/protocol/crypto';
import {
  type AttestDestruction,
  type Attestation,
  type Destruction,
  type ReceiptHead,
} from '@eko/protocol/ledger';
import { hash } from '../data/ledger-facts';
import { newEd25519Signer } from '@eko/protocol/node';
import { CHANNEL } from './eko-ledger';
import type { TestNode } from './test-node';

/** The head of a witness's log that has no receipt yet. */
export const EMPTY_LOG: ReceiptHead = { number: 0, hash: hash('L') };

/**
 * A node's signed attestation, as anybody may submit it; a witness's log is empty.
 *
 * @param change - what the signature is over instead, for one that does not hold
 */
export function signedAttestation(
  node: TestNode,
  destructions: Destruction[],
  change: { readonly channel?: string; readonly nodeId?: string; readonly receipts?: ReceiptHead } = {},
): Attestation {
  const said = node.role === 'witness' ? { receipts: change.receipts ?? EMPTY_LOG } : {};
  const statement = { channel: CHANNEL, nodeId: node.nodeId, destructions, ...said, ...change };
  const { signature } = signAttestation(statement, newEd25519Signer(node.seeds.sign));
  return { nodeId: node.nodeId, destructions, ...said, signature };
}

/** The same, to be submitted alone. */
export function newAttestation(...attested: Parameters<typeof signedAttestation>): AttestDestruction {
  return { attestations: [signedAttestation(...attested)] };
}
