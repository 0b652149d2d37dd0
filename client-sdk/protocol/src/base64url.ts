import { EkoError } from './errors';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const CODES = Uint8Array.from(ALPHABET, (character) => character.charCodeAt(0));
const NO_DIGIT = 0xff;
const VALUES = new Uint8Array(128).fill(NO_DIGIT);
CODES.forEach((code, value) => (VALUES[code] = value));
const ascii = new TextDecoder();

/**
 * Bytes as base64url without padding.
 *
 * @see RFC 4648 section 5
 */
export function encodeBase64Url(bytes: Uint8Array): string {
  const codes = new Uint8Array(Math.ceil((bytes.length * 4) / 3));
  let pending = 0;
  let bits = 0;
  let written = 0;
  for (const byte of bytes) {
    pending = ((pending << 8) | byte) & 0x3fff;
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      codes[written] = CODES[(pending >>> bits) & 63] ?? 0;
      written += 1;
    }
  }
  if (bits > 0) codes[written] = CODES[(pending << (6 - bits)) & 63] ?? 0;
  return ascii.decode(codes);
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
  if (text.length % 4 === 1) throw new EkoError('INVALID_ARGUMENT', 'base64url ends in the middle of a byte');
  const size = Math.floor((text.length * 3) / 4);
  if (sizeBytes !== undefined && size !== sizeBytes) {
    throw new EkoError(
      'INVALID_ARGUMENT',
      `expected ${String(sizeBytes)} bytes of base64url, got ${String(size)}`,
    );
  }
  const bytes = new Uint8Array(size);
  let pending = 0;
  let bits = 0;
  let written = 0;
  for (let i = 0; i < text.length; i += 1) {
    const value = VALUES[text.charCodeAt(i)] ?? NO_DIGIT;
    if (value === NO_DIGIT) {
      throw new EkoError(
        'INVALID_ARGUMENT',
        'base64url must have A-Z, a-z, 0-9, - and _ only, without padding',
      );
    }
    pending = ((pending << 6) | value) & 0x3fff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[written] = (pending >>> bits) & 0xff;
      written += 1;
    }
  }
  if ((pending & ((1 << bits) - 1)) !== 0) {
    throw new EkoError('INVALID_ARGUMENT', 'base64url has left-over bits that are not zero');
  }
  return bytes;
}
