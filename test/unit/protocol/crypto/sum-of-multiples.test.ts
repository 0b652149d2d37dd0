import { ed25519 } from '@noble/curves/ed25519';
import fc from 'fast-check';
import { sumOfMultiples } from '../../../../client-sdk/protocol/src/crypto/sum-of-multiples';

const { Point } = ed25519;
const scalar = fc.oneof(
  fc.bigInt({ min: 0n, max: Point.Fn.ORDER - 1n }),
  fc.bigInt({ min: 0n, max: 64n }),
  fc.constantFrom(Point.Fn.ORDER - 1n, 2n ** 252n, 2n ** 128n - 1n),
);

describe('sum of multiples', () => {
  it('is what one multiplication after the other gives', () => {
    fc.assert(
      fc.property(scalar, scalar, scalar, (a, b, seed) => {
        const p = Point.BASE.multiplyUnsafe(seed);
        const q = Point.BASE.multiplyUnsafe(7n);
        const expected = p.multiplyUnsafe(a).add(q.multiplyUnsafe(b));
        expect(sumOfMultiples([a, p], [b, q]).equals(expected)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('is the neutral point of nothing', () => {
    expect(sumOfMultiples().equals(Point.ZERO)).toBe(true);
    expect(sumOfMultiples([0n, Point.BASE]).equals(Point.ZERO)).toBe(true);
  });
});
