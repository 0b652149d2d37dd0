import { sha256 } from '@noble/hashes/sha2';
import { encodeBase64Url } from './base64url';

/** SHA-256 of some bytes as records hold it: base64url without padding. */
export function sha256Text(bytes: Uint8Array): string {
  return encodeBase64Url(sha256(bytes));
}
