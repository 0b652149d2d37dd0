import { hmac } from '@noble/hashes/hmac';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2';
import { concatBytes } from '../encoding/bytes';
import { EkoError } from '../errors';
import type { Platform } from './platform';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const CODES = Uint8Array.from(ALPHABET, (character) => character.charCodeAt(0));
const NO_DIGIT = 0xff;
const VALUES = new Uint8Array(128).fill(NO_DIGIT);
CODES.forEach((code, value) => (VALUES[code] = value));
/** Bits of a last group of 0, 2 or 3 digits that belong to no byte. */
const LEFT_OVER_BITS = [0, 0, 0xffff, 0xff] as const;
const ascii = new TextDecoder();

export const sha256: Platform['sha256'] = (bytes) => nobleSha256(bytes);

export const hmacSha256: Platform['hmacSha256'] = (key, ...message) =>
  hmac(nobleSha256, key, concatBytes(...message));

export const base64UrlOf: Platform['base64UrlOf'] = (bytes) => {
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
};

export const bytesOfBase64Url: Platform['bytesOfBase64Url'] = (text) => {
  if (text.length % 4 === 1) throw new EkoError('INVALID_ARGUMENT', 'base64url ends in the middle of a byte');
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
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
};

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
