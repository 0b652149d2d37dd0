import { ed25519 } from '@noble/curves/ed25519';
import { sha512 } from '@noble/hashes/sha2';
import { concatBytes, equalBytes } from './bytes';

/** Size of an Ed25519 signature. */
export const SIGNATURE_BYTES = 64;

/** Tells whether an Ed25519 signature holds; never throws. */
export type SignatureVerifier = (
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
) => boolean;

const { Point } = ed25519;
/** A point of the curve. */
export type EdwardsPoint = InstanceType<typeof Point>;
/** Size of an encoded point. */
export const POINT_BYTES = 32;

/** The point of a canonical encoding, or `undefined`. */
export function decodeEdwardsPoint(bytes: Uint8Array): EdwardsPoint | undefined {
  if (bytes.length !== POINT_BYTES) return undefined;
  try {
    return Point.fromBytes(bytes);
  } catch {
    // Not the canonical encoding of a point; the library's text would say no more to anyone.
    return undefined;
  }
}

/** Bytes as a number, least significant first. */
export function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i -= 1) value = (value << 8n) | BigInt(bytes[i] ?? 0);
  return value;
}

/**
 * Ed25519 without a factor of 8 in the check, so that it accepts exactly what OpenSSL does: whoever verifies a record
 * comes to the same answer, be it chaincode or a node. Keys of small order are refused besides.
 * @see RFC 8032 section 5.1.7
 */
export const verifyEd25519: SignatureVerifier = (publicKey, message, signature) => {
  if (signature.length !== SIGNATURE_BYTES) return false;
  const key = decodeEdwardsPoint(publicKey);
  if (key === undefined || key.isSmallOrder()) return false;
  const commitment = signature.subarray(0, POINT_BYTES);
  const response = littleEndian(signature.subarray(POINT_BYTES));
  if (response >= Point.Fn.ORDER) return false;
  const challenge = Point.Fn.create(littleEndian(sha512(concatBytes(commitment, publicKey, message))));
  const expected = Point.BASE.multiplyUnsafe(response).subtract(key.multiplyUnsafe(challenge));
  return equalBytes(expected.toBytes(), commitment);
};
