import { EkoError } from '../errors';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Tells whether a string is whole Unicode text, without half a surrogate pair in it. */
export function isWellFormedText(text: string): boolean {
  return !LONE_SURROGATE.test(text);
}

/**
 * Text as UTF-8.
 *
 * @throws EkoError `INVALID_ARGUMENT` if it holds half a surrogate pair, which UTF-8 cannot carry
 */
export function utf8Encode(text: string): Uint8Array {
  if (!isWellFormedText(text)) throw new EkoError('INVALID_ARGUMENT', 'text holds half a surrogate pair');
  return encoder.encode(text);
}

/**
 * UTF-8 as text, exactly: what comes back encodes to the same bytes, a byte order mark included.
 *
 * @throws EkoError `INVALID_ARGUMENT` if the bytes are not UTF-8
 */
export function utf8Decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    // The decoder's own error says no more than this, and nothing of it may leave.
    throw new EkoError('INVALID_ARGUMENT', 'the bytes are not UTF-8 text');
  }
}
