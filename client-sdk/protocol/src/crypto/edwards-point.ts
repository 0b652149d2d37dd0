import { ed25519 } from '@noble/curves/ed25519';

/** A point of the curve. */
export type EdwardsPoint = InstanceType<typeof ed25519.Point>;

/** Size of an encoded point. */
export const POINT_BYTES = 32;

/** The point of a canonical encoding, or `undefined`. */
export function decodeEdwardsPoint(bytes: Uint8Array): EdwardsPoint | undefined {
  if (bytes.length !== POINT_BYTES) return undefined;
  try {
    return ed25519.Point.fromBytes(bytes);
  } catch {
    // Not the canonical encoding of a point; the library's text would say no more to anyone.
    return undefined;
  }
}

/** Bytes as a number, least significant first, which is how the curve writes scalars. */
export function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i -= 1) value = (value << 8n) | BigInt(bytes[i] ?? 0);
  return value;
}
