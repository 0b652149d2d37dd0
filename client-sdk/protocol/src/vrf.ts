import { ed25519 } from '@noble/curves/ed25519';
import { sha512 } from '@noble/hashes/sha2';
import { concatBytes } from './bytes';
import { POINT_BYTES, decodeEdwardsPoint, littleEndian, type EdwardsPoint } from './edwards-point';
import { EkoError } from './errors';
import type { SecretBytes } from './secret-bytes';
import { sumOfMultiples } from './sum-of-multiples';

/** Size of a proof: Gamma (32), challenge (16), response (32). */
export const VRF_PROOF_BYTES = 80;
/** Size of a VRF's output. */
export const VRF_OUTPUT_BYTES = 64;

/** Verifies a proof and gives its output, as `verifyVrf` does. */
export type VrfVerifier = (publicKey: Uint8Array, alpha: Uint8Array, proof: Uint8Array) => Uint8Array;

const { Point } = ed25519;

const ORDER = Point.Fn.ORDER;
const CHALLENGE_BYTES = 16;
/** ECVRF-EDWARDS25519-SHA512-TAI. @see RFC 9381 section 5.5 */
const SUITE = 0x03;
const ENCODE_TO_CURVE = 0x01;
const CHALLENGE = 0x02;
const PROOF_TO_HASH = 0x03;
const BACK = Uint8Array.of(0x00);
const TRIES = 256;

/**
 * The public key of a VRF seed: the Ed25519 public key of the same 32 bytes.
 * @see RFC 9381 section 5.5
 */
export function deriveVrfPublicKey(seed: SecretBytes<'vrf seed'>): Uint8Array {
  return seed.use((bytes) => ed25519.getPublicKey(bytes));
}

/**
 * Proves the one output that a seed gives for an input.
 *
 * @returns the proof, 80 bytes
 * @see RFC 9381 section 5.1
 */
export function proveVrf(seed: SecretBytes<'vrf seed'>, alpha: Uint8Array): Uint8Array {
  return seed.use((bytes) => {
    const { scalar, prefix, pointBytes } = ed25519.utils.getExtendedPublicKey(bytes);
    const h = encodeToCurve(pointBytes, alpha);
    const hBytes = h.toBytes();
    const gamma = h.multiply(scalar);
    const nonce = scalarOf(sha512(concatBytes(prefix, hBytes)));
    prefix.fill(0);
    const challenge = challengeOf([
      pointBytes,
      hBytes,
      gamma.toBytes(),
      Point.BASE.multiply(nonce).toBytes(),
      h.multiply(nonce).toBytes(),
    ]);
    const response = Point.Fn.create(nonce + littleEndian(challenge) * scalar);
    return concatBytes(gamma.toBytes(), challenge, Point.Fn.toBytes(response));
  });
}

/**
 * Verifies a proof and gives the output that it stands for.
 *
 * @param publicKey - 32 bytes
 * @param alpha - the input
 * @param proof - 80 bytes
 * @returns 64 bytes
 * @throws EkoError `BAD_PROOF` where the proof does not hold or the key is of small order or no canonical point
 * @see RFC 9381 sections 5.3 and 5.4.5
 */
export function verifyVrf(publicKey: Uint8Array, alpha: Uint8Array, proof: Uint8Array): Uint8Array {
  if (proof.length !== VRF_PROOF_BYTES) throw badProof();
  const challengeBytes = proof.subarray(POINT_BYTES, POINT_BYTES + CHALLENGE_BYTES);
  const y = decodeEdwardsPoint(publicKey);
  const gamma = decodeEdwardsPoint(proof.subarray(0, POINT_BYTES));
  const response = littleEndian(proof.subarray(POINT_BYTES + CHALLENGE_BYTES));
  if (y === undefined || y.isSmallOrder() || gamma === undefined || response >= ORDER) throw badProof();
  const challenge = littleEndian(challengeBytes);
  const h = encodeToCurve(publicKey, alpha);
  const u = Point.BASE.multiplyUnsafe(response).add(sumOfMultiples([challenge, y.negate()]));
  const v = sumOfMultiples([response, h], [challenge, gamma.negate()]);
  const expected = challengeOf([publicKey, h.toBytes(), gamma.toBytes(), u.toBytes(), v.toBytes()]);
  if (littleEndian(expected) !== challenge) throw badProof();
  return outputOf(gamma);
}

/**
 * The output that a proof stands for, without verifying it: for a proof of one's own.
 *
 * @param proof - 80 bytes
 * @returns 64 bytes
 * @throws EkoError `BAD_PROOF` where it is no proof at all
 * @see RFC 9381 section 5.2
 */
export function vrfOutputOf(proof: Uint8Array): Uint8Array {
  const gamma =
    proof.length === VRF_PROOF_BYTES ? decodeEdwardsPoint(proof.subarray(0, POINT_BYTES)) : undefined;
  if (gamma === undefined) throw badProof();
  return outputOf(gamma);
}

function outputOf(gamma: EdwardsPoint): Uint8Array {
  return sha512(concatBytes(Uint8Array.of(SUITE, PROOF_TO_HASH), gamma.clearCofactor().toBytes(), BACK));
}

/** Try-and-increment. @see RFC 9381 section 5.4.1.1 */
function encodeToCurve(salt: Uint8Array, alpha: Uint8Array): EdwardsPoint {
  const front = concatBytes(Uint8Array.of(SUITE, ENCODE_TO_CURVE), salt, alpha);
  for (let counter = 0; counter < TRIES; counter += 1) {
    const candidate = decodeEdwardsPoint(
      sha512(concatBytes(front, Uint8Array.of(counter), BACK)).subarray(0, POINT_BYTES),
    );
    if (candidate !== undefined && !candidate.isSmallOrder()) return candidate.clearCofactor();
  }
  throw badProof();
}

/** @see RFC 9381 section 5.4.3 */
function challengeOf(points: readonly Uint8Array[]): Uint8Array {
  return sha512(concatBytes(Uint8Array.of(SUITE, CHALLENGE), ...points, BACK)).subarray(0, CHALLENGE_BYTES);
}

function scalarOf(hash: Uint8Array): bigint {
  return Point.Fn.create(littleEndian(hash));
}

function badProof(): EkoError {
  return new EkoError('BAD_PROOF', 'The VRF proof does not hold for this key and input');
}
