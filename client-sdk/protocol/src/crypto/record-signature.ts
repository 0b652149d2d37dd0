import { decodeBase64Url, encodeBase64Url } from '../encoding/base64url';
import { encodeCanonicalJson } from '../encoding/canonical-json';
import { SIGNATURE_BYTES, verifyEd25519, type SignatureVerifier } from './ed25519';
import { POINT_BYTES } from './edwards-point';
import { EkoError } from '../errors';
import type { SignatureLabel } from './key-labels';
import { labelledBytes } from './labelled-hash';

/** Signs with a long-lived Ed25519 key that nobody else touches. */
export type RecordSigner = (message: Uint8Array) => Uint8Array;

/**
 * Signs a record under a label: Ed25519 over the label and the record's canonical JSON.
 * @returns the signature as records hold it: base64url
 */
export function signRecord(label: SignatureLabel, record: unknown, sign: RecordSigner): string {
  return encodeBase64Url(sign(messageOf(label, record)));
}

/**
 * Verifies a record's signature.
 *
 * @param signature - base64url, 64 bytes
 * @param publicKey - base64url, 32 bytes
 * @param verify - the pure verifier, or a faster one with the same answers
 * @throws EkoError `BAD_SIGNATURE`
 */
export function verifyRecordSignature(
  label: SignatureLabel,
  record: unknown,
  signature: string,
  publicKey: string,
  verify: SignatureVerifier = verifyEd25519,
): void {
  const key = decodeBase64Url(publicKey, POINT_BYTES);
  const signatureBytes = decodeBase64Url(signature, SIGNATURE_BYTES);
  if (!verify(key, messageOf(label, record), signatureBytes)) {
    throw new EkoError('BAD_SIGNATURE', 'The signature of the record does not hold');
  }
}

function messageOf(label: SignatureLabel, record: unknown): Uint8Array {
  return labelledBytes(label, encodeCanonicalJson(record));
}
