import { base64UrlOf, bytesOfBase64Url } from '#platform';
import { EkoError } from '../errors';

/**
 * Bytes as base64url without padding.
 *
 * @see RFC 4648 section 5
 */
export function encodeBase64Url(bytes: Uint8Array): string {
  return base64UrlOf(bytes);
}

/**
 * Base64url without padding as bytes; the only form it takes is the one that `encodeBase64Url` gives.
 *
 * @param sizeBytes - how many bytes it must hold, if that is known
 * @throws EkoError `INVALID_ARGUMENT` on any other character, padding, left-over bits that are not zero or another
 *   size; the text is not repeated
 * @see RFC 4648 sections 3.5 and 5
 */
export function decodeBase64Url(text: string, sizeBytes?: number): Uint8Array {
  const size = Math.floor((text.length * 3) / 4);
  if (sizeBytes !== undefined && size !== sizeBytes) {
    throw new EkoError(
      'INVALID_ARGUMENT',
      `expected ${String(sizeBytes)} bytes of base64url, got ${String(size)}`,
    );
  }
  return bytesOfBase64Url(text);
}
