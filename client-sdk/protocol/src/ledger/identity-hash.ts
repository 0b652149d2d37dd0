import { lengthPrefixed } from '../encoding/bytes';
import { hashText } from '../crypto/labelled-hash';
import { utf8Encode } from '../encoding/utf8';

/**
 * Who somebody is on a channel: SHA-256 over MSP ID and public key, as records hold it.
 *
 * @param subjectPublicKeyInfo - DER of the certificate's public key
 * @see docs/protocol.md, "The ledger is the directory"
 */
export function identityHash(mspId: string, subjectPublicKeyInfo: Uint8Array): string {
  return hashText(lengthPrefixed(utf8Encode(mspId), subjectPublicKeyInfo));
}
