import { EkoError } from '../errors';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const CODES = Uint8Array.from(ALPHABET, (character) => character.charCodeAt(0));
const NO_DIGIT = 0xff;
const VALUES = new Uint8Array(128).fill(NO_DIGIT);
CODES.forEach((code, value) => (VALUES[code] = value));
/** Bits of a last group of 0, 2 or 3 digits that belong to no byte. */
const LEFT_OVER_BITS = [0, 0, 0xffff, 0xff] as const;
const ascii = new TextDecoder();

/**
 * Bytes as base64url without padding.
 *
 * @see RFC 4648 section 5
 */
export function encodeBase64Url(bytes: Uint8Array): string {
  const codes = new Uint8Array(Math.ceil((bytes.length * 4) / 3));
  for (let from = 0, to = 0; from < bytes.length; from += 3, to += 4) {
    // Past the end, bytes read as zero, and what is written is ignored.
    const group = ((bytes[from] ?? 0) << 16) | ((bytes[from + 1] ?? 0) << 8) | (bytes[from + 2] ?? 0);
    codes[to] = CODES[group >>> 18] ?? 0;
    codes[to + 1] = CODES[(group >>> 12) & 63] ?? 0;
    codes[to + 2] = CODES[(group >>> 6) & 63] ?? 0;
    codes[to + 3] = CODES[group & 63] ?? 0;
  }
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
  let group = 0;
  for (let from = 0, to = 0; from < text.length; from += 4, to += 3) {
    group =
      (digitValue(text, from) << 18) |
      (digitValue(text, from + 1) << 12) |
      (digitValue(text, from + 2) << 6) |
      digitValue(text, from + 3);
    bytes[to] = group >>> 16;
    bytes[to + 1] = group >>> 8;
    bytes[to + 2] = group;
  }
  const leftOver = LEFT_OVER_BITS[text.length % 4] ?? 0;
  if ((group & leftOver) !== 0) {
    throw new EkoError('INVALID_ARGUMENT', 'base64url has left-over bits that are not zero');
  }
  return bytes;
}

/** What the digit at `at` is worth; past the end, nothing. */
function digitValue(text: string, at: number): number {
  if (at >= text.length) return 0;
  const value = VALUES[text.charCodeAt(at)] ?? NO_DIGIT;
  if (value === NO_DIGIT) {
    throw new EkoError(
      'INVALID_ARGUMENT',
      'base64url must have A-Z, a-z, 0-9, - and _ only, without padding',
    );
  }
  return value;
}
