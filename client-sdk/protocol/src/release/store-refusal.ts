import type { SignatureVerifier } from '../crypto/ed25519';
import { EkoError } from '../errors';
import { LABELS } from '../crypto/key-labels';
import { signRecord, verifyRecordSignature, type RecordSigner } from '../crypto/record-signature';

/** What a witness says that has no room for a dealing. */
export interface StoreRefusal {
  readonly channel: string;
  readonly witness: string;
  readonly bundleId: string;
  readonly dealingId: string;
  readonly atUnixMs: number;
}

/**
 * A witness's signed word that it has no room: nobody has to take it for silent.
 * @returns `STORE_FULL`, whose details are the refusal with its signature
 * @see docs/protocol.md, "3. Dealing"
 */
export function signedStoreRefusal(refusal: StoreRefusal, sign: RecordSigner): EkoError {
  const signature = signRecord(LABELS.storeRefusalSignature, refusal, sign);
  return new EkoError('STORE_FULL', `Witness ${refusal.witness} has no room for shares of this bundle`, {
    details: { ...refusal, signature },
  });
}

/**
 * Verifies that a witness signed a refusal of this very dealing.
 *
 * @param publicKey - the witness's registered `sign` key, base64url
 * @throws EkoError `BAD_SIGNATURE`
 */
export function verifyStoreRefusal(
  { details }: EkoError,
  expected: Omit<StoreRefusal, 'atUnixMs'>,
  publicKey: string,
  verify: SignatureVerifier,
): void {
  const { atUnixMs, signature } = details;
  if (typeof atUnixMs !== 'number' || typeof signature !== 'string')
    throw new EkoError('BAD_SIGNATURE', `What ${expected.witness} says of its store is not signed`);
  const refusal: StoreRefusal = { ...expected, atUnixMs };
  verifyRecordSignature(LABELS.storeRefusalSignature, refusal, signature, publicKey, verify);
}
