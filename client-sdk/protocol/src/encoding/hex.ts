import { EkoError } from '../errors';

const DIGITS = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
const ascii = new TextDecoder();

/** Bytes as lower-case hex. */
export function encodeHex(bytes: Uint8Array): string {
  const codes = new Uint8Array(2 * bytes.length);
  bytes.forEach((byte, i) => {
    codes[2 * i] = DIGITS[byte >>> 4] ?? 0;
    codes[2 * i + 1] = DIGITS[byte & 15] ?? 0;
  });
  return ascii.decode(codes);
}

/**
 * Lower-case hex as bytes; the only form it takes is the one that `encodeHex` gives.
 *
 * @param sizeBytes - how many bytes it must hold, if that is known
 * @throws EkoError `INVALID_ARGUMENT` on any other digit, half a byte or another size; the text is not repeated
 */
export function decodeHex(text: string, sizeBytes?: number): Uint8Array {
  if (text.length % 2 !== 0) throw new EkoError('INVALID_ARGUMENT', 'hex must have two digits for each byte');
  const size = text.length / 2;
  if (sizeBytes !== undefined && size !== sizeBytes) {
    throw new EkoError('INVALID_ARGUMENT', `expected ${String(sizeBytes)} bytes of hex, got ${String(size)}`);
  }
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i += 1) {
    bytes[i] = (digitValue(text.charCodeAt(2 * i)) << 4) | digitValue(text.charCodeAt(2 * i + 1));
  }
  return bytes;
}

function digitValue(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  if (code >= 0x61 && code <= 0x66) return code - 0x57;
  throw new EkoError('INVALID_ARGUMENT', 'hex must have digits 0-9 and a-f only');
}
