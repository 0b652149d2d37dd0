import { ed25519 } from '@noble/curves/ed25519';
import { SecretBytes } from '@eko/protocol';
import { deriveVrfPublicKey, proveVrf, verifyVrf, type VrfCurve } from '@eko/protocol/crypto';
import { utf8Encode } from '@eko/protocol/encoding';
import { vrfOutputOf } from '../../../client-sdk/protocol/src/crypto/vrf';
import rfc9381 from '../../vectors/ecvrf-rfc9381.json';
import { codedError } from '../../support/coded-error';
import { describeIf } from '../../support/skip';
import { SMALL_ORDER, forgeVrfProof } from './forged-vrf-proof';
import { flippedAtEveryByte, wrongLengths } from './hostile-bytes';
import { NO_PUBLISHED_VECTORS, hasPublishedVectors, readPublishedVectors, unhex } from './published-vectors';

interface Vector {
  readonly sk: string;
  readonly pk: string;
  readonly alpha: string;
  readonly pi: string;
  readonly beta: string;
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const seedOf = (text: string) => new SecretBytes('vrf seed', unhex(text));
const isMultipleOf8 = (challenge: bigint) => challenge % 8n === 0n;
const isOdd = (challenge: bigint) => challenge % 2n === 1n;
const SECRET = 987_654_321n;

/** What a VRF has to do on every curve: the published proofs, and a verdict on everything that is near to one. */
export function describeVrf(name: string, load: () => VrfCurve | Promise<VrfCurve>): void {
  let curve: VrfCurve;
  beforeAll(async () => {
    curve = await load();
  });

  function checkVector({ sk, pk, alpha, pi, beta }: Vector): void {
    expect(hex(deriveVrfPublicKey(seedOf(sk), curve))).toBe(pk);
    expect(hex(proveVrf(seedOf(sk), unhex(alpha), curve))).toBe(pi);
    expect(hex(verifyVrf(unhex(pk), unhex(alpha), unhex(pi), curve))).toBe(beta);
    expect(hex(vrfOutputOf(unhex(pi), curve))).toBe(beta);
  }

  describe(`VRF on ${name}`, () => {
    const seed = new SecretBytes('vrf seed', new Uint8Array(32).fill(7));
    const publicKey = deriveVrfPublicKey(seed);
    const alpha = utf8Encode('one bundle');
    const proof = proveVrf(seed, alpha);
    const refusal = (...[key, input, bytes]: readonly [Uint8Array, Uint8Array, Uint8Array]) =>
      codedError(() => verifyVrf(key, input, bytes, curve)).code;

    it.each(rfc9381.vectors)('gives the published proof and output for input "$alpha"', checkVector);

    it('takes a seed of 32 bytes only', () => {
      for (const bytes of wrongLengths(new Uint8Array(32))) {
        expect(() => proveVrf(new SecretBytes('vrf seed', bytes), alpha, curve)).toThrow(RangeError);
      }
    });

    it('refuses every changed and every cut proof', () => {
      for (const bad of [...flippedAtEveryByte(proof), ...wrongLengths(proof)]) {
        expect(refusal(publicKey, alpha, bad)).toBe('BAD_PROOF');
      }
    });

    it('refuses another input and another key', () => {
      const other = deriveVrfPublicKey(new SecretBytes('vrf seed', new Uint8Array(32).fill(8)));
      expect(refusal(publicKey, utf8Encode('another'), proof)).toBe('BAD_PROOF');
      expect(refusal(other, alpha, proof)).toBe('BAD_PROOF');
      for (const bad of [...flippedAtEveryByte(publicKey), ...wrongLengths(publicKey)]) {
        expect(refusal(bad, alpha, proof)).toBe('BAD_PROOF');
      }
    });

    it('refuses a second form of a proof: a response that is not reduced', () => {
      const response = BigInt(`0x${hex(proof.slice(48).reverse())}`) + ed25519.Point.Fn.ORDER;
      const unreduced = Uint8Array.from(proof);
      unreduced.set(unhex(response.toString(16).padStart(64, '0')).reverse(), 48);
      expect(refusal(publicKey, alpha, unreduced)).toBe('BAD_PROOF');
    });

    // With a key of small order anybody proves any output, so such a key would steer the draw.
    it.each(SMALL_ORDER.map((key, keyAdds) => ({ key, keyAdds })))(
      'refuses the key of small order $key, even with a proof that holds for it',
      ({ key, keyAdds }) => {
        expect(refusal(unhex(key), alpha, proof)).toBe('BAD_PROOF');
        const forged = forgeVrfProof({ secret: 0n, keyAdds, alpha, takes: isMultipleOf8 });
        expect(hex(forged.publicKey)).toBe(key);
        expect(refusal(forged.publicKey, alpha, forged.proof)).toBe('BAD_PROOF');
      },
    );

    // RFC 9381 clears the cofactor in the output alone: who adds to Gamma gets another proof of the same output.
    it.each(SMALL_ORDER.slice(1).map((point, place) => ({ point, adds: place + 1 })))(
      'takes Gamma and a key to which $point is added where the challenge cancels it, and only there',
      ({ adds }) => {
        const plain = forgeVrfProof({ secret: SECRET, alpha, takes: () => true });
        for (const change of [{ gammaAdds: adds }, { keyAdds: adds }, { gammaAdds: adds, keyAdds: adds }]) {
          const good = forgeVrfProof({ secret: SECRET, alpha, takes: isMultipleOf8, ...change });
          const output = verifyVrf(good.publicKey, alpha, good.proof, curve);
          expect(output).toEqual(vrfOutputOf(good.proof, curve));
          if (!('keyAdds' in change)) {
            expect(output).toEqual(verifyVrf(plain.publicKey, alpha, plain.proof, curve));
          }
          const bad = forgeVrfProof({ secret: SECRET, alpha, takes: isOdd, ...change });
          expect(refusal(bad.publicKey, alpha, bad.proof)).toBe('BAD_PROOF');
        }
      },
    );

    it('takes a proof of zeros for what it is', () => {
      expect(refusal(publicKey, alpha, new Uint8Array(80))).toBe('BAD_PROOF');
    });

    it('says of no proof what output it has', () => {
      for (const bad of wrongLengths(proof)) {
        expect(codedError(() => vrfOutputOf(bad, curve)).code).toBe('BAD_PROOF');
      }
      const noPoint = Uint8Array.from([...new Uint8Array(32).fill(0xff), ...proof.subarray(32)]);
      expect(codedError(() => vrfOutputOf(noPoint, curve)).code).toBe('BAD_PROOF');
    });
  });

  describeIf(hasPublishedVectors, NO_PUBLISHED_VECTORS, `VRF on ${name} against the published file`, () => {
    const { vectors } = hasPublishedVectors
      ? (readPublishedVectors('ecvrf/vectors.json') as { vectors: Vector[] })
      : { vectors: [] };
    it.each(vectors)('gives the published proof and output for input "$alpha"', checkVector);
  });
}
