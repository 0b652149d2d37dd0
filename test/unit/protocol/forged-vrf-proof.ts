import { createHash } from 'node:crypto';
import { ED25519_TORSION_SUBGROUP, ed25519 } from '@noble/curves/ed25519';

const { Point } = ed25519;

/** Encodings of the eight points whose order divides 8; the first is the identity. */
export const SMALL_ORDER: readonly string[] = ED25519_TORSION_SUBGROUP;

/** A key, an input and a proof that nobody makes who keeps to the rules. */
export interface ForgedVrfProof {
  readonly publicKey: Uint8Array;
  readonly proof: Uint8Array;
}

/**
 * A proof over key and Gamma to which points of small order, by their place in `SMALL_ORDER`, are added. Whether it
 * holds hangs on the challenge alone: a multiple of 8 cancels them.
 *
 * @param secret - the scalar of the key; 0 makes a key of small order
 * @param takes - which challenges will do
 */
export function forgeVrfProof(input: {
  readonly secret: bigint;
  readonly alpha: Uint8Array;
  readonly keyAdds?: number;
  readonly gammaAdds?: number;
  readonly takes: (challenge: bigint) => boolean;
}): ForgedVrfProof {
  const { secret, alpha, keyAdds = 0, gammaAdds = 0, takes } = input;
  const publicKey = Point.BASE.multiplyUnsafe(secret).add(smallOrderPoint(keyAdds)).toBytes();
  const h = encodeToCurve(publicKey, alpha);
  const gamma = h.multiplyUnsafe(secret).add(smallOrderPoint(gammaAdds)).toBytes();
  for (let nonce = 1n; ; nonce += 1n) {
    const committed = [Point.BASE.multiplyUnsafe(nonce).toBytes(), h.multiplyUnsafe(nonce).toBytes()];
    const challenge = sha512([3, 2], publicKey, h.toBytes(), gamma, ...committed, [0]).subarray(0, 16);
    const number = BigInt(`0x${Buffer.from(challenge).reverse().toString('hex')}`);
    if (!takes(number)) continue;
    const response = Point.Fn.toBytes(Point.Fn.create(nonce + number * secret));
    return { publicKey, proof: Uint8Array.from([...gamma, ...challenge, ...response]) };
  }
}

function smallOrderPoint(place: number) {
  return Point.fromHex(SMALL_ORDER[place] ?? '');
}

/** Try-and-increment of RFC 9381 section 5.4.1.1, a second time. */
function encodeToCurve(salt: Uint8Array, alpha: Uint8Array) {
  for (let counter = 0; ; counter += 1) {
    const candidate = sha512([3, 1], salt, alpha, [counter, 0]).slice(0, 32);
    if (ed25519.utils.isValidPublicKey(candidate, false)) return Point.fromBytes(candidate).clearCofactor();
  }
}

function sha512(...parts: readonly Iterable<number>[]): Uint8Array {
  const hash = createHash('sha512');
  for (const part of parts) hash.update(Uint8Array.from(part));
  return hash.digest();
}
