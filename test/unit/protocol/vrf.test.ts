import { createHash } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519';
import { SecretBytes, deriveVrfPublicKey, proveVrf, utf8Encode, verifyVrf } from '@eko/protocol';
import rfc9381 from '../../vectors/ecvrf-rfc9381.json';
import { codedError } from '../../support/coded-error';
import { flippedAtEveryByte, wrongLengths } from '../../support/protocol/hostile-bytes';
import {
  NO_PUBLISHED_VECTORS,
  hasPublishedVectors,
  readPublishedVectors,
  unhex,
} from '../../support/protocol/published-vectors';
import { describeIf } from '../../support/skip';

interface Vector {
  readonly sk: string;
  readonly pk: string;
  readonly alpha: string;
  readonly pi: string;
  readonly beta: string;
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const seedOf = (text: string) => new SecretBytes('vrf seed', unhex(text));

function checkVector({ sk, pk, alpha, pi, beta }: Vector): void {
  expect(hex(deriveVrfPublicKey(seedOf(sk)))).toBe(pk);
  expect(hex(proveVrf(seedOf(sk), unhex(alpha)))).toBe(pi);
  expect(hex(verifyVrf(unhex(pk), unhex(alpha), unhex(pi)))).toBe(beta);
}

function sha512(...parts: readonly Iterable<number>[]): Uint8Array {
  const hash = createHash('sha512');
  for (const part of parts) hash.update(Uint8Array.from(part));
  return hash.digest();
}

/** Try-and-increment of RFC 9381 section 5.4.1.1, a second time. */
function encodeToCurve(salt: Uint8Array, alpha: Uint8Array) {
  for (let counter = 0; ; counter += 1) {
    const candidate = sha512([3, 1], salt, alpha, [counter, 0]).slice(0, 32);
    if (ed25519.utils.isValidPublicKey(candidate, false)) {
      return ed25519.Point.fromBytes(candidate).clearCofactor();
    }
  }
}

describe('VRF', () => {
  it.each(rfc9381.vectors)('gives the published proof and output for input "$alpha"', checkVector);

  const seed = new SecretBytes('vrf seed', new Uint8Array(32).fill(7));
  const publicKey = deriveVrfPublicKey(seed);
  const alpha = utf8Encode('one bundle');
  const proof = proveVrf(seed, alpha);

  it('refuses every changed and every cut proof', () => {
    for (const bad of [...flippedAtEveryByte(proof), ...wrongLengths(proof)]) {
      expect(codedError(() => verifyVrf(publicKey, alpha, bad)).code).toBe('BAD_PROOF');
    }
  });

  it('refuses another input and another key', () => {
    const other = deriveVrfPublicKey(new SecretBytes('vrf seed', new Uint8Array(32).fill(8)));
    expect(codedError(() => verifyVrf(publicKey, utf8Encode('another'), proof)).code).toBe('BAD_PROOF');
    expect(codedError(() => verifyVrf(other, alpha, proof)).code).toBe('BAD_PROOF');
    for (const bad of [...flippedAtEveryByte(publicKey), ...wrongLengths(publicKey)]) {
      expect(codedError(() => verifyVrf(bad, alpha, proof)).code).toBe('BAD_PROOF');
    }
  });

  it('refuses a second form of a proof: a response that is not reduced', () => {
    const response = BigInt(`0x${hex(proof.slice(48).reverse())}`) + ed25519.Point.Fn.ORDER;
    const unreduced = Uint8Array.from(proof);
    unreduced.set(unhex(response.toString(16).padStart(64, '0')).reverse(), 48);
    expect(codedError(() => verifyVrf(publicKey, alpha, unreduced)).code).toBe('BAD_PROOF');
  });

  // With a key of small order anybody proves any output, so such a key would steer the draw.
  it.each([
    '0100000000000000000000000000000000000000000000000000000000000000',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    '0000000000000000000000000000000000000000000000000000000000000000',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  ])('refuses the key of small order %s', (key) => {
    expect(codedError(() => verifyVrf(unhex(key), alpha, proof)).code).toBe('BAD_PROOF');
  });

  it('refuses even a proof that holds for the key of order 1', () => {
    const { Point } = ed25519;
    const key = Point.ZERO.toBytes();
    const nonce = 1_234_567n;
    const h = encodeToCurve(key, alpha);
    const points = [key, h.toBytes(), key, Point.BASE.multiply(nonce).toBytes(), h.multiply(nonce).toBytes()];
    const challenge = sha512([3, 2], ...points, [0]).slice(0, 16);
    const forged = Uint8Array.from([...key, ...challenge, ...Point.Fn.toBytes(nonce)]);
    expect(codedError(() => verifyVrf(key, alpha, forged)).code).toBe('BAD_PROOF');
  });

  it('takes a proof of zeros for what it is', () => {
    expect(codedError(() => verifyVrf(publicKey, alpha, new Uint8Array(80))).code).toBe('BAD_PROOF');
  });
});

describeIf(hasPublishedVectors, NO_PUBLISHED_VECTORS, 'VRF against the whole published file', () => {
  const { vectors } = hasPublishedVectors
    ? (readPublishedVectors('ecvrf/vectors.json') as { vectors: Vector[] })
    : { vectors: [] };
  it.each(vectors)('gives the published proof and output for input "$alpha"', checkVector);
});
