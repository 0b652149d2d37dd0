import { ed25519 } from '@noble/curves/ed25519';
import { sha512 } from '@noble/hashes/sha2';
import { concatBytes, equalBytes } from '../encoding/bytes';
import { POINT_BYTES, decodeEdwardsPoint, littleEndian } from './edwards-point';
import { sumOfMultiples } from './sum-of-multiples';

/** Size of an Ed25519 signature. */
export const SIGNATURE_BYTES = 64;

/** Tells whether an Ed25519 signature holds; never throws. */
export type SignatureVerifier = (
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
) => boolean;

const { Point } = ed25519;

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
  const expected = Point.BASE.multiplyUnsafe(response).add(sumOfMultiples([challenge, key.negate()]));
  return equalBytes(expected.toBytes(), commitment);
};
