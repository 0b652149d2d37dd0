import { ed25519 } from '@noble/curves/ed25519';
import { sha512 } from '@noble/hashes/sha2';
import { concatBytes, equalBytes } from '../encoding/bytes';
import { POINT_BYTES, littleEndian } from './edwards-point';
import { EkoError } from '../errors';
import { nobleVrfCurve } from './noble-vrf-curve';
import type { SecretBytes } from '../secret/secret-bytes';
import { SCALAR_BYTES, type VrfCurve } from './vrf-curve';

/** Size of a proof: Gamma (32), challenge (16), response (32). */
export const VRF_PROOF_BYTES = 80;
/** Size of a VRF's output. */
export const VRF_OUTPUT_BYTES = 64;

/** Proves the one output of a long-lived VRF key that nobody else touches, as `proveVrf` does. */
export type ProveVrf = (alpha: Uint8Array) => Uint8Array;

/** Verifies a proof and gives its output, as `verifyVrf` does. */
export type VrfVerifier = (publicKey: Uint8Array, alpha: Uint8Array, proof: Uint8Array) => Uint8Array;

const ORDER = ed25519.Point.Fn.ORDER;
const SEED_BYTES = 32;
const CHALLENGE_BYTES = 16;
/** ECVRF-EDWARDS25519-SHA512-TAI. @see RFC 9381 section 5.5 */
const SUITE = 0x03;
const ENCODE_TO_CURVE = 0x01;
const CHALLENGE = 0x02;
const PROOF_TO_HASH = 0x03;
const BACK = Uint8Array.of(0x00);
const IDENTITY = Uint8Array.of(1, ...new Uint8Array(POINT_BYTES - 1));
const TRIES = 256;

/**
 * The public key of a VRF seed: the Ed25519 public key of the same 32 bytes.
 *
 * @throws RangeError where the seed has another size
 * @see RFC 9381 section 5.5
 */
export function deriveVrfPublicKey(
  seed: SecretBytes<'vrf seed'>,
  curve: VrfCurve = nobleVrfCurve,
): Uint8Array {
  return useKey(seed, curve, ({ publicKey }) => publicKey);
}

/**
 * Proves the one output that a seed gives for an input.
 *
 * @param curve - what computes; every curve makes the same proof
 * @returns the proof, 80 bytes
 * @throws RangeError where the seed is not of 32 bytes
 * @see RFC 9381 section 5.1
 */
export function proveVrf(
  seed: SecretBytes<'vrf seed'>,
  alpha: Uint8Array,
  curve: VrfCurve = nobleVrfCurve,
): Uint8Array {
  return useKey(seed, curve, ({ scalar, prefix, publicKey }) => {
    const h = encodeToCurve(publicKey, alpha, curve);
    const gamma = curve.multiply(scalar, h);
    const hash = sha512.create().update(prefix).update(h).digest();
    const nonce = curve.reduce(hash);
    try {
      const challenge = challengeOf([
        publicKey,
        h,
        gamma,
        curve.multiplyBase(nonce),
        curve.multiply(nonce, h),
      ]);
      return concatBytes(gamma, challenge, curve.respond(scalarOf(challenge), scalar, nonce));
    } finally {
      hash.fill(0);
      nonce.fill(0);
    }
  });
}

/**
 * Verifies a proof and gives the output that it stands for.
 *
 * @param publicKey - 32 bytes
 * @param alpha - the input
 * @param proof - 80 bytes
 * @param curve - what computes; every curve comes to the same verdict
 * @returns 64 bytes
 * @throws EkoError `BAD_PROOF` where the proof does not hold or the key is of small order or no canonical point
 * @see RFC 9381 sections 5.3 and 5.4.5
 */
export function verifyVrf(
  publicKey: Uint8Array,
  alpha: Uint8Array,
  proof: Uint8Array,
  curve: VrfCurve = nobleVrfCurve,
): Uint8Array {
  if (proof.length !== VRF_PROOF_BYTES) throw badProof();
  const gamma = gammaOf(proof);
  const challenge = proof.subarray(POINT_BYTES, POINT_BYTES + CHALLENGE_BYTES);
  const response = proof.subarray(POINT_BYTES + CHALLENGE_BYTES);
  if (littleEndian(response) >= ORDER) throw badProof();
  const h = encodeToCurve(publicKey, alpha, curve);
  const commitments = curve.commitments({ publicKey, gamma, h, challenge: scalarOf(challenge), response });
  if (commitments === undefined) throw badProof();
  const { u, v, cleared } = commitments;
  if (!equalBytes(challengeOf([publicKey, h, gamma, u, v]), challenge)) throw badProof();
  return outputOf(cleared);
}

/**
 * The output that a proof stands for, without verifying it: for a proof of one's own.
 *
 * @param proof - 80 bytes
 * @returns 64 bytes
 * @throws EkoError `BAD_PROOF` where it is no proof at all
 * @see RFC 9381 section 5.2
 */
export function vrfOutputOf(proof: Uint8Array, curve: VrfCurve = nobleVrfCurve): Uint8Array {
  const cleared = proof.length === VRF_PROOF_BYTES ? curve.clearCofactor(gammaOf(proof)) : undefined;
  if (cleared === undefined) throw badProof();
  return outputOf(cleared);
}

/** What a seed stands for. */
interface VrfKey {
  readonly scalar: Uint8Array;
  /** What the nonces come from. */
  readonly prefix: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** Lends the key of a seed to `use`, which must not keep what is secret in it. @see RFC 8032 section 5.1.5 */
function useKey<Result>(
  seed: SecretBytes<'vrf seed'>,
  curve: VrfCurve,
  use: (key: VrfKey) => Result,
): Result {
  if (seed.length !== SEED_BYTES) throw new RangeError(`A VRF seed has ${SEED_BYTES} bytes`);
  const hash = seed.use((bytes) => sha512(bytes));
  const wide = new Uint8Array(hash.length);
  wide.set(hash.subarray(0, SCALAR_BYTES));
  wide[0] = (wide[0] ?? 0) & 0xf8;
  wide[SCALAR_BYTES - 1] = ((wide[SCALAR_BYTES - 1] ?? 0) & 0x7f) | 0x40;
  const secrets = [hash, wide];
  try {
    const scalar = curve.reduce(wide);
    secrets.push(scalar);
    return use({ scalar, prefix: hash.subarray(SCALAR_BYTES), publicKey: curve.multiplyBase(scalar) });
  } finally {
    for (const secret of secrets) secret.fill(0);
  }
}

function gammaOf(proof: Uint8Array): Uint8Array {
  return proof.subarray(0, POINT_BYTES);
}

function outputOf(cleared: Uint8Array): Uint8Array {
  return sha512(concatBytes(Uint8Array.of(SUITE, PROOF_TO_HASH), cleared, BACK));
}

/** Try-and-increment. @see RFC 9381 section 5.4.1.1 */
function encodeToCurve(salt: Uint8Array, alpha: Uint8Array, curve: VrfCurve): Uint8Array {
  const front = concatBytes(Uint8Array.of(SUITE, ENCODE_TO_CURVE), salt, alpha);
  for (let counter = 0; counter < TRIES; counter += 1) {
    const hash = sha512(concatBytes(front, Uint8Array.of(counter), BACK));
    const h = curve.clearCofactor(hash.subarray(0, POINT_BYTES));
    if (h !== undefined && !equalBytes(h, IDENTITY)) return h;
  }
  throw badProof();
}

/** @see RFC 9381 section 5.4.3 */
function challengeOf(points: readonly Uint8Array[]): Uint8Array {
  return sha512(concatBytes(Uint8Array.of(SUITE, CHALLENGE), ...points, BACK)).subarray(0, CHALLENGE_BYTES);
}

function scalarOf(challenge: Uint8Array): Uint8Array {
  return concatBytes(challenge, new Uint8Array(SCALAR_BYTES - CHALLENGE_BYTES));
}

function badProof(): EkoError {
  return new EkoError('BAD_PROOF', 'The VRF proof does not hold for this key and input');
}
