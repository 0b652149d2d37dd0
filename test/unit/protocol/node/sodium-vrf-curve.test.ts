import { ed25519 } from '@noble/curves/ed25519';
import fc from 'fast-check';
import newSodium from 'libsodium-sumo';
import { SecretBytes } from '@eko/protocol';
import {
  deriveVrfPublicKey,
  nobleVrfCurve,
  proveVrf,
  verifyVrf,
  type VrfClaim,
  type VrfCurve,
} from '@eko/protocol/crypto';
import { VRF_PROOF_BYTES } from '../../../../client-sdk/protocol/src/crypto/vrf';
import { loadSodiumVrfCurve, systemRandom } from '@eko/protocol/node';
import {
  SodiumVrfCurve,
  checkedVrfCurve,
  type Sodium,
} from '../../../../client-sdk/protocol/src/node/sodium-vrf-curve';
import { acceptedOr, codedError, rejectionOf } from '../../../support/coded-error';
import { SMALL_ORDER } from '../forged-vrf-proof';
import { unhex } from '../published-vectors';
import { describeVrf } from '../vrf-suite';

const { Point } = ed25519;
const { Fn } = Point;
const RUNS = { numRuns: 150 };

describeVrf('libsodium', () => loadSodiumVrfCurve(systemRandom));

/** Those of y from 2^255 - 19 on, and those of x = 0 with a sign: other encodings of points that have one. */
const NOT_CANONICAL = [
  ...Array.from({ length: 19 }, (_, place) => [0xed + place, ...new Uint8Array(30).fill(0xff), 0x7f]),
  ...Array.from({ length: 19 }, (_, place) => [0xed + place, ...new Uint8Array(31).fill(0xff)]),
  [1, ...new Uint8Array(30), 0x80],
  [0xec, ...new Uint8Array(31).fill(0xff)],
].map((bytes) => Uint8Array.from(bytes));

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const scalar = fc.bigInt({ min: 1n, max: Fn.ORDER - 1n });
const secretScalar = scalar.map((value) => Fn.toBytes(value));
const anyScalar = fc
  .oneof(scalar, fc.constantFrom(0n, 1n, 2n, 8n, Fn.ORDER - 1n))
  .map((value) => Fn.toBytes(value));
const anyChallenge = fc
  .oneof(fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }), fc.constantFrom(0n, 1n, 2n, 4n, 8n))
  .map((value) => Fn.toBytes(value));
const smallOrder = fc.constantFrom(...SMALL_ORDER);
const soundPoint = scalar.map((value) => Point.BASE.multiply(value).toBytes());
const anyPoint = fc.oneof(
  soundPoint,
  fc.tuple(scalar, smallOrder).map(([value, small]) => {
    return Point.BASE.multiply(value).add(Point.fromHex(small)).toBytes();
  }),
  smallOrder.map(unhex),
  fc.constantFrom(...NOT_CANONICAL),
  bytes(32),
  fc.uint8Array({ maxLength: 70 }),
);
const anyClaim: fc.Arbitrary<VrfClaim> = fc.record({
  publicKey: anyPoint,
  gamma: anyPoint,
  h: soundPoint,
  challenge: anyChallenge,
  response: anyScalar,
});

describe('libsodium as the curve of a VRF', () => {
  let curve: VrfCurve;
  beforeAll(async () => {
    curve = await loadSodiumVrfCurve(systemRandom);
  });

  it('clears the cofactor of every point, and of no other bytes, as big integers do', () => {
    const same = (point: Uint8Array) => {
      expect(curve.clearCofactor(point)).toEqual(nobleVrfCurve.clearCofactor(point));
    };
    for (const point of [...SMALL_ORDER.map(unhex), ...NOT_CANONICAL]) same(point);
    fc.assert(fc.property(anyPoint, same), RUNS);
  });

  it('multiplies and answers as big integers do', () => {
    const every = fc.record({
      wide: bytes(64),
      scalar: secretScalar,
      nonce: secretScalar,
      point: soundPoint,
    });
    fc.assert(
      fc.property(every, anyChallenge, ({ wide, scalar, nonce, point }, challenge) => {
        const results = [curve, nobleVrfCurve].map((each) => [
          each.reduce(wide),
          each.multiplyBase(scalar),
          each.multiply(scalar, point),
          each.respond(challenge, scalar, nonce),
        ]);
        expect(results[0]).toEqual(results[1]);
      }),
      RUNS,
    );
  });

  it('comes to the same commitments for every claim, sound or not', () => {
    const same = (claim: VrfClaim) => {
      expect(curve.commitments(claim)).toEqual(nobleVrfCurve.commitments(claim));
    };
    fc.assert(fc.property(anyClaim, same), RUNS);
    // Wherever libsodium refuses to multiply, and would have the last word if it were asked alone.
    const sound = Point.BASE.multiply(5n).toBytes();
    const zero = new Uint8Array(32);
    for (const small of SMALL_ORDER) {
      const mixed = Point.BASE.multiply(7n).add(Point.fromHex(small)).toBytes();
      for (const odd of [mixed, unhex(small)]) {
        for (const challenge of [zero, Fn.toBytes(8n), Fn.toBytes(11n)]) {
          same({ publicKey: odd, gamma: sound, h: sound, challenge, response: Fn.toBytes(3n) });
          same({ publicKey: sound, gamma: odd, h: sound, challenge, response: zero });
        }
      }
    }
  });

  it('makes the same proofs, and each takes those of the other', () => {
    fc.assert(
      fc.property(bytes(32), fc.uint8Array({ maxLength: 200 }), (seedBytes, alpha) => {
        const seed = new SecretBytes('vrf seed', seedBytes);
        const publicKey = deriveVrfPublicKey(seed, curve);
        const proof = proveVrf(seed, alpha, curve);
        expect(publicKey).toEqual(deriveVrfPublicKey(seed));
        expect(proof).toEqual(proveVrf(seed, alpha));
        expect(verifyVrf(publicKey, alpha, proof, curve)).toEqual(verifyVrf(publicKey, alpha, proof));
      }),
      { numRuns: 50 },
    );
  });

  it('comes to the same verdict on everything that is near to a proof', () => {
    const seed = new SecretBytes('vrf seed', new Uint8Array(32).fill(7));
    const publicKey = deriveVrfPublicKey(seed);
    const alpha = Uint8Array.of(1, 2, 3);
    const proof = proveVrf(seed, alpha);
    const bit = fc.nat(8 * VRF_PROOF_BYTES - 1);
    const part = {
      key: anyPoint,
      gamma: anyPoint,
      challenge: anyChallenge.map((value) => value.subarray(0, 16)),
      response: fc.oneof(anyScalar, bytes(32)),
    };
    const change = fc.oneof(
      fc.record({ ...part, bit, alpha: fc.uint8Array({ maxLength: 4 }) }, { requiredKeys: [] }),
      ...Object.entries({ ...part, bit }).map(([name, value]) => fc.record({ [name]: value })),
      fc.record({ cutTo: fc.nat(VRF_PROOF_BYTES + 2) }),
    );
    interface Change {
      readonly key?: Uint8Array;
      readonly gamma?: Uint8Array;
      readonly challenge?: Uint8Array;
      readonly response?: Uint8Array;
      readonly bit?: number;
      readonly alpha?: Uint8Array;
      readonly cutTo?: number;
    }
    const verdicts: boolean[] = [];
    fc.assert(
      fc.property(change, (change: Change) => {
        const changed = Uint8Array.from([
          ...(change.gamma ?? proof.subarray(0, 32)),
          ...(change.challenge ?? proof.subarray(32, 48)),
          ...(change.response ?? proof.subarray(48)),
          ...(change.cutTo === undefined ? [] : [1, 2]),
        ]).subarray(0, change.cutTo);
        if (change.bit !== undefined)
          changed[change.bit >> 3] = (changed[change.bit >> 3] ?? 0) ^ (1 << (change.bit & 7));
        const [one, other] = [curve, nobleVrfCurve].map((each) =>
          acceptedOr(() => verifyVrf(change.key ?? publicKey, change.alpha ?? alpha, changed, each)),
        );
        expect(one).toEqual(other);
        verdicts.push(one !== undefined);
      }),
      { numRuns: 2000 },
    );
    expect(new Set(verdicts)).toEqual(new Set([true, false]));
  });
});

describe('an instance of libsodium', () => {
  const seed = new SecretBytes('vrf seed', new Uint8Array(32).fill(7));
  const alpha = Uint8Array.of(1);
  const newInstance = () => newSodium({ getRandomValue: () => 4 });
  const interruption = new RangeError('unreachable');
  const trap = () => {
    throw interruption;
  };

  /** A curve on an instance with other functions, and what lies in its scratch. */
  async function curveWith(change: (sodium: Sodium) => Partial<Sodium> = () => ({})) {
    const sodium = await newInstance();
    let start = 0;
    let length = 0;
    const _malloc = (size: number) => {
      length = size;
      start = sodium._malloc(size);
      return start;
    };
    const scratch = () => sodium.HEAPU8.slice(start, start + length);
    return { curve: new SodiumVrfCurve({ ...sodium, _malloc, ...change(sodium) }), scratch };
  }

  it('keeps nothing of what passed through it', async () => {
    const seen: Uint8Array[] = [];
    const { curve, scratch } = await curveWith((sodium) => ({
      _crypto_core_ed25519_scalar_add: (...addresses) => {
        seen.push(scratch());
        return sodium._crypto_core_ed25519_scalar_add(...addresses);
      },
    }));
    expect(proveVrf(seed, alpha, curve)).toEqual(proveVrf(seed, alpha));
    expect(seen).toHaveLength(1);
    expect(seen[0]).not.toEqual(new Uint8Array(96));
    expect(scratch()).toEqual(new Uint8Array(96));
  });

  it('is not asked again once it was interrupted, and keeps nothing then either', async () => {
    const { curve, scratch } = await curveWith(() => ({ _crypto_scalarmult_ed25519_noclamp: trap }));
    const error = codedError(() => proveVrf(seed, alpha, curve));
    expect(error).toMatchObject({ code: 'INTERNAL', cause: interruption });
    expect(scratch()).toEqual(new Uint8Array(96));
    expect(codedError(() => curve.multiplyBase(Fn.toBytes(5n)))).toBe(error);
  });

  it('never gives the result of a call that it refused', async () => {
    const { curve } = await curveWith(() => ({ _crypto_scalarmult_ed25519_noclamp: () => -1 }));
    expect(() => proveVrf(seed, alpha, curve)).toThrow(TypeError);
    const { curve: sound } = await curveWith();
    for (const [scalar, point] of [
      [new Uint8Array(32), Point.BASE.toBytes()],
      [Fn.toBytes(5n), new Uint8Array(32)],
      [Fn.toBytes(5n), new Uint8Array(31)],
    ] as const) {
      expect(() => sound.multiply(scalar, point)).toThrow(TypeError);
    }
  });

  it('is read and written where its memory is by now', async () => {
    const sodium = await newInstance();
    const curve = new SodiumVrfCurve(sodium);
    const before = sodium.HEAPU8;
    sodium._malloc(before.length);
    expect(sodium.HEAPU8).not.toBe(before);
    expect(proveVrf(seed, alpha, curve)).toEqual(proveVrf(seed, alpha));
  });

  it.each<[string, (sodium: Sodium) => Partial<Sodium>]>([
    ['has no memory left', () => ({ _malloc: () => 0 })],
    ['does not initialise', () => ({ _sodium_init: () => -1 })],
    ['traps', () => ({ _crypto_core_ed25519_add: trap })],
    ['computes a proof wrongly', () => ({ _crypto_core_ed25519_scalar_add: () => undefined })],
    ['verifies wrongly', (sodium) => ({ _crypto_core_ed25519_sub: subtractingOnlyItself(sodium) })],
  ])('does not load where it %s', async (_, change) => {
    const broken = newInstance().then((sodium) => ({ ...sodium, ...change(sodium) }));
    const error = await rejectionOf(checkedVrfCurve(broken));
    expect(error.code).toBe('INVALID_CONFIG');
  });

  it('does not load where WebAssembly does not run', async () => {
    const cause = new ReferenceError('WebAssembly is not defined');
    const error = await rejectionOf(checkedVrfCurve(Promise.reject(cause)));
    expect(error).toMatchObject({ code: 'INVALID_CONFIG', cause });
  });
});

/** Subtracts as a proof needs it, half of a point that was doubled, and gives the first operand otherwise. */
function subtractingOnlyItself(sodium: Sodium): Sodium['_crypto_core_ed25519_sub'] {
  return (result, ...inputs) => {
    const [first = 0, second = 0] = inputs;
    const at = (address: number) => sodium.HEAPU8.slice(address, address + 32);
    const [a, b] = [at(first), at(second)];
    const half = Point.fromBytes(b);
    if (half.double().equals(Point.fromBytes(a))) return sodium._crypto_core_ed25519_sub(result, ...inputs);
    sodium.HEAPU8.set(a, result);
    return 0;
  };
}
