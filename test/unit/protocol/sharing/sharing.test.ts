import fc from 'fast-check';
import type { Share } from '@eko/protocol/crypto';
import { combineShares, splitSecret } from '../../../../client-sdk/protocol/src/sharing/sharing';
import { codedError } from '../../../support/coded-error';
import { preparedBytes, seededBytes } from '../../../support/random';

const SECRET = Uint8Array.from({ length: 32 }, (_, i) => 7 * i);
const FIELD = Array.from({ length: 256 }, (_, value) => value);

function sharesOf(secret: Uint8Array, threshold: number, indices: readonly number[], seed = 1): Share[] {
  const parts = splitSecret(secret, { threshold, indices }, seededBytes(seed));
  return indices.map((index, i) => ({ index, bytes: parts[i]! }));
}

/** Multiplication by the book: carry-less, then reduced by 0x11d. */
function multiply(a: number, b: number): number {
  let product = 0;
  for (let bit = 0; bit < 8; bit += 1) if ((b >> bit) & 1) product ^= a << bit;
  for (let bit = 14; bit >= 8; bit -= 1) if ((product >> bit) & 1) product ^= 0x11d << (bit - 8);
  return product;
}

const othersThan = (index: number, count: number): number[] =>
  FIELD.slice(1)
    .filter((other) => other !== index)
    .slice(0, count);

/** A share of one byte whose coefficients are known. */
const shareOfByte = (secret: number, index: number, ...coefficients: number[]): number =>
  splitSecret(
    Uint8Array.of(secret),
    { threshold: coefficients.length + 1, indices: [index, ...othersThan(index, coefficients.length)] },
    preparedBytes(...coefficients),
  )[0]![0]!;

describe('splitSecret and combineShares', () => {
  it('give back any secret from any threshold of shares, in any order', () => {
    const cases = fc
      .uniqueArray(fc.integer({ min: 1, max: 255 }), { minLength: 1, maxLength: 20 })
      .chain((indices) =>
        fc.record({
          indices: fc.constant(indices),
          threshold: fc.integer({ min: 1, max: indices.length }),
          order: fc.shuffledSubarray(indices, { minLength: indices.length }),
          secret: fc.uint8Array({ minLength: 1, maxLength: 70 }),
          seed: fc.nat(),
        }),
      );
    fc.assert(
      fc.property(cases, ({ indices, threshold, order, secret, seed }) => {
        const before = Uint8Array.from(secret);
        const shares = sharesOf(secret, threshold, indices, seed);
        const picked = order
          .slice(0, threshold)
          .map((index) => shares.find((share) => share.index === index)!);
        expect(combineShares(picked, threshold)).toEqual(secret);
        expect(secret).toEqual(before);
      }),
    );
  });

  it('evaluate s + c x in the field of 0x11d, for every c and x', () => {
    for (const x of FIELD.slice(1)) {
      const secret = Uint8Array.from(FIELD, (_, i) => 255 - i);
      const [share] = splitSecret(
        secret,
        { threshold: 2, indices: [x, x === 1 ? 2 : 1] },
        preparedBytes(...FIELD),
      );
      expect([...share!]).toEqual(FIELD.map((c) => (255 - c) ^ multiply(c, x)));
    }
  });

  it('evaluate higher polynomials by Horner, lanes of a word apart', () => {
    const bytes = Uint8Array.of(255, 1, 128, 254, 77);
    const [share] = splitSecret(bytes, { threshold: 3, indices: [200, 3, 9] }, (length) =>
      seededBytes(9)(length),
    );
    const drawn = seededBytes(9)(32);
    const expected = [...bytes].map((secret, i) => {
      const [high, low] = [drawn[i]!, drawn[5 + i]!];
      return secret ^ multiply(low, 200) ^ multiply(high, multiply(200, 200));
    });
    expect([...share!]).toEqual(expected);
  });

  it('leave every value of a secret byte equally possible to one holder of two: exhaustively, zero included', () => {
    for (const index of [1, 2, 77, 255]) {
      for (const secret of [0, 1, 200]) {
        const seen = new Set(FIELD.map((coefficient) => shareOfByte(secret, index, coefficient)));
        expect(seen.size).toBe(256);
      }
    }
  });

  it('leave every value of a secret byte equally possible to two holders of three: exhaustively', () => {
    const [x, y] = [1, 2];
    const [seenAtX, seenAtY] = [0x5a, 0xc3];
    const consistent = new Map<number, number>();
    for (const low of FIELD) {
      for (const high of FIELD) {
        // The secret that these coefficients and the first share force, and whether the second share agrees.
        const secret = seenAtX ^ multiply(low, x) ^ multiply(high, multiply(x, x));
        const atY = secret ^ multiply(low, y) ^ multiply(high, multiply(y, y));
        if (atY === seenAtY) consistent.set(secret, (consistent.get(secret) ?? 0) + 1);
      }
    }
    expect(consistent.size).toBe(256);
    expect([...consistent.values()].every((ways) => ways === 1)).toBe(true);
    for (const secret of [0, 0x11, 0xff]) {
      const pair = FIELD.flatMap((high) => FIELD.map((low) => ({ high, low }))).find(
        ({ high, low }) =>
          (secret ^ multiply(low, x) ^ multiply(high, multiply(x, x))) === seenAtX &&
          (secret ^ multiply(low, y) ^ multiply(high, multiply(y, y))) === seenAtY,
      )!;
      expect(shareOfByte(secret, x, pair.high, pair.low)).toBe(seenAtX);
      expect(shareOfByte(secret, y, pair.high, pair.low)).toBe(seenAtY);
    }
  });

  it('use a new draw for every byte and degree, and nothing else of the source', () => {
    const sizes: number[] = [];
    const source = seededBytes(3);
    splitSecret(SECRET, { threshold: 4, indices: [1, 2, 3, 4, 5] }, (length) => {
      sizes.push(length);
      return source(length);
    });
    expect(sizes).toEqual([3 * 32]);
  });

  it('wipe the coefficients', () => {
    let drawn: Uint8Array = new Uint8Array();
    splitSecret(SECRET, { threshold: 3, indices: [1, 2, 3] }, (length) => (drawn = seededBytes(3)(length)));
    expect(drawn).toEqual(new Uint8Array(64));
  });

  it('with threshold 1, every share is the secret', () => {
    for (const { bytes } of sharesOf(SECRET, 1, [1, 9, 255])) expect(bytes).toEqual(SECRET);
  });

  it('add up: shares of a and b with the same index are a share of a XOR b', () => {
    const [a, b] = [
      sharesOf(SECRET, 2, [1, 2, 3], 4),
      sharesOf(
        SECRET.map((byte) => byte ^ 0x3c),
        2,
        [1, 2, 3],
        5,
      ),
    ];
    const sum = a.map(({ index, bytes }, i) => ({
      index,
      bytes: bytes.map((byte, k) => byte ^ b[i]!.bytes[k]!),
    }));
    expect(combineShares(sum.slice(1), 2)).toEqual(new Uint8Array(32).fill(0x3c));
  });

  it('use the first shares only, once all have the right form', () => {
    const shares = sharesOf(SECRET, 2, [1, 2, 3]);
    const wrong = { index: 3, bytes: new Uint8Array(32) };
    expect(combineShares([shares[0]!, shares[1]!, wrong], 2)).toEqual(SECRET);
    expect(combineShares([wrong, shares[0]!, shares[1]!], 2)).not.toEqual(SECRET);
  });

  it.each([
    ['no indices', 1, []],
    ['a threshold of 0', 0, [1]],
    ['a threshold above the number of shares', 3, [1, 2]],
    ['half a threshold', 1.5, [1, 2]],
    ['index 0', 1, [0, 1]],
    ['index 256', 1, [256]],
    ['half an index', 1, [1.5]],
    ['NaN', 1, [Number.NaN]],
    ['the same index twice', 2, [4, 7, 4]],
  ])('refuse to split with %s', (_, threshold, indices: readonly number[]) => {
    expect(codedError(() => splitSecret(SECRET, { threshold, indices }, seededBytes(1))).code).toBe(
      'INVALID_ARGUMENT',
    );
  });

  it('refuse to split nothing, or with a source that is stuck', () => {
    const how = { threshold: 2, indices: [1, 2] };
    expect(codedError(() => splitSecret(new Uint8Array(), how, seededBytes(1))).code).toBe(
      'INVALID_ARGUMENT',
    );
    expect(codedError(() => splitSecret(SECRET, how, (length) => new Uint8Array(length))).code).toBe(
      'RNG_FAILED',
    );
  });

  it('refuse to combine too few shares, with the counts', () => {
    const shares = sharesOf(SECRET, 3, [1, 2, 3]);
    const error = codedError(() => combineShares(shares.slice(1), 3));
    expect(error.code).toBe('NOT_ENOUGH_SHARES');
    expect(error.details).toEqual({ needed: 3, given: 2 });
    expect(codedError(() => combineShares([], 1)).code).toBe('NOT_ENOUGH_SHARES');
  });

  it.each([
    ['the same index twice', 2, (shares: Share[]) => [shares[0]!, shares[1]!, shares[1]!]],
    ['the same index twice though too few', 2, (shares: Share[]) => [shares[1]!, shares[1]!]],
    ['index 0', 0, (shares: Share[]) => [shares[0]!, { ...shares[1]!, index: 0 }, shares[2]!]],
    ['index 256', 256, (shares: Share[]) => [{ ...shares[0]!, index: 256 }, shares[1]!, shares[2]!]],
    ['a short share', 3, (shares: Share[]) => [shares[0]!, shares[1]!, { index: 3, bytes: SECRET.slice(1) }]],
    [
      'an empty share',
      1,
      (shares: Share[]) => [{ index: 1, bytes: new Uint8Array() }, shares[1]!, shares[2]!],
    ],
  ])('refuse to combine %s, naming it', (_, index, change) => {
    const error = codedError(() => combineShares(change(sharesOf(SECRET, 3, [1, 2, 3])), 3));
    expect(error.code).toBe('BAD_SHARE');
    expect(error.details).toEqual({ index });
  });

  it('refuse a threshold that cannot be', () => {
    for (const threshold of [0, -1, 1.5, 256]) {
      expect(codedError(() => combineShares(sharesOf(SECRET, 1, [1]), threshold)).code).toBe(
        'INVALID_ARGUMENT',
      );
    }
  });
});
