/** Joins byte arrays into a new one. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const part of parts) size += part.length;
  const joined = new Uint8Array(size);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/**
 * Tells whether two byte arrays are the same, in a time that depends on their lengths alone.
 *
 * Arrays of different lengths differ at once: a length is not a secret.
 */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i += 1) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

/** Orders byte arrays by their first different byte, a prefix before what it begins: negative, 0 or positive. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i += 1) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/**
 * A number as 2 bytes, most significant first.
 *
 * @throws RangeError if it is no integer from 0 to 2^16 - 1
 */
export function uint16Bytes(value: number): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff) {
    throw new RangeError('expected an integer from 0 to 65535');
  }
  return Uint8Array.of(value >>> 8, value & 0xff);
}

/**
 * A number as 4 bytes, most significant first.
 *
 * @throws RangeError if it is no integer from 0 to 2^32 - 1
 */
export function uint32Bytes(value: number): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
    throw new RangeError('expected an integer from 0 to 4294967295');
  }
  return Uint8Array.of(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}

const LENGTH_BYTES = 4;

/**
 * Joins fields so that no two different lists of fields give the same bytes: each follows its own length
 * (4 bytes, most significant first).
 */
export function lengthPrefixed(...fields: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const field of fields) size += LENGTH_BYTES + field.length;
  const joined = new Uint8Array(size);
  const view = new DataView(joined.buffer);
  let offset = 0;
  for (const field of fields) {
    view.setUint32(offset, field.length);
    joined.set(field, offset + LENGTH_BYTES);
    offset += LENGTH_BYTES + field.length;
  }
  return joined;
}
