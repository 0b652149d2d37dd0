import { hmacSha256 } from '#platform';

const BLOCK_BYTES = 32;
const MOST_BLOCKS = 255;

/**
 * A key from material that need not be uniform.
 *
 * @throws RangeError above 8160 bytes
 * @see RFC 5869 section 2
 */
export function hkdfSha256(
  material: Uint8Array,
  salt: Uint8Array,
  info: Uint8Array,
  lengthBytes: number,
): Uint8Array {
  const key = hmacSha256(salt, material);
  try {
    return expandSha256(key, info, lengthBytes);
  } finally {
    key.fill(0);
  }
}

/**
 * HKDF's second half alone, for a key that is uniform already.
 *
 * @throws RangeError above 8160 bytes
 * @see RFC 5869 section 2.3
 */
export function expandSha256(key: Uint8Array, info: Uint8Array, lengthBytes: number): Uint8Array {
  if (lengthBytes > MOST_BLOCKS * BLOCK_BYTES) throw new RangeError('HKDF gives at most 8160 bytes');
  const output = new Uint8Array(lengthBytes);
  let block: Uint8Array = new Uint8Array();
  for (let start = 0, counter = 1; start < lengthBytes; start += BLOCK_BYTES, counter += 1) {
    const next = hmacSha256(key, block, info, Uint8Array.of(counter));
    block.fill(0);
    block = next;
    output.set(block.subarray(0, lengthBytes - start), start);
  }
  block.fill(0);
  return output;
}
