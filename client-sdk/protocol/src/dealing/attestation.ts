import type { SignatureVerifier } from '../crypto/ed25519';
import { LABELS } from '../crypto/key-labels';
import { signRecord, verifyRecordSignature, type RecordSigner } from '../crypto/record-signature';
import type { Attestation, DestructionStatement } from '../ledger/schemas/attestations';

/** What the signature of an attestation is over. */
export function attestationStatement(
  channel: string,
  { nodeId, destructions, receipts }: Omit<Attestation, 'signature'>,
): DestructionStatement {
  return { channel, nodeId, destructions, ...(receipts === undefined ? {} : { receipts }) };
}

/**
 * A holder's word that what it held of ended streams is gone, as anybody may submit it.
 * @see docs/protocol.md, "6. The end"
 */
export function newAttestation(statement: DestructionStatement, sign: RecordSigner): Attestation {
  const { nodeId, destructions, receipts } = statement;
  return {
    nodeId,
    destructions: [...destructions],
    ...(receipts === undefined ? {} : { receipts }),
    signature: signRecord(LABELS.destructionSignature, statement, sign),
  };
}

/**
 * Verifies that a node signed an attestation for this channel.
 *
 * @param publicKey - the node's registered `sign` key, base64url
 * @throws EkoError `BAD_SIGNATURE`
 */
export function verifyAttestation(
  channel: string,
  attestation: Attestation,
  publicKey: string,
  verify?: SignatureVerifier,
): void {
  const statement = attestationStatement(channel, attestation);
  verifyRecordSignature(LABELS.destructionSignature, statement, attestation.signature, publicKey, verify);
}
