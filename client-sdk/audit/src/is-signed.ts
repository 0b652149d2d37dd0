import { isEkoError } from '@eko/protocol';
import { verifyRecordSignature, type SignatureLabel } from '@eko/protocol/crypto';
import { verifyEd25519OnNode } from '@eko/protocol/node';

/** Tells whether a record is signed with one of these keys (base64url). */
export function isSigned(
  label: SignatureLabel,
  record: unknown,
  signature: string,
  keys: readonly string[],
): boolean {
  return keys.some((key) => {
    try {
      verifyRecordSignature(label, record, signature, key, verifyEd25519OnNode);
      return true;
    } catch (error) {
      if (isEkoError(error)) return false;
      throw error;
    }
  });
}
