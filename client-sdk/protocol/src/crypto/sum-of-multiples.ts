import { ed25519 } from '@noble/curves/ed25519';
import type { EdwardsPoint } from './edwards-point';

/** A point and how many times it is taken. */
export type Multiple = readonly [scalar: bigint, point: EdwardsPoint];

/** Digits are odd and below 16, so a table holds 1, 3, ... 15 times the point. */
const WINDOW_BITS = 5;
const WINDOW = 1 << WINDOW_BITS;
const TABLE_SIZE = WINDOW / 4;

/**
 * Adds up multiples of points with one chain of doublings for all of them (Straus, on non-adjacent forms). It takes a
 * time that depends on the scalars, so it is for public ones only: verification.
 */
export function sumOfMultiples(...multiples: readonly Multiple[]): EdwardsPoint {
  const terms = multiples.map(([scalar, point]) => ({
    digits: nonAdjacentForm(scalar),
    table: oddMultiples(point),
  }));
  const length = Math.max(0, ...terms.map(({ digits }) => digits.length));
  let sum = ed25519.Point.ZERO;
  for (let place = length - 1; place >= 0; place -= 1) {
    sum = sum.double();
    for (const { digits, table } of terms) {
      const digit = digits[place] ?? 0;
      const multiple = table[(Math.abs(digit) - 1) / 2];
      if (multiple !== undefined) sum = digit > 0 ? sum.add(multiple) : sum.subtract(multiple);
    }
  }
  return sum;
}

/** Signed digits, lowest first: odd and below half the window, with zeros between them. */
function nonAdjacentForm(scalar: bigint): readonly number[] {
  const digits: number[] = [];
  let rest = scalar;
  while (rest > 0n) {
    let digit = 0;
    if ((rest & 1n) === 1n) {
      digit = Number(rest & BigInt(WINDOW - 1));
      if (digit > WINDOW / 2) digit -= WINDOW;
      rest -= BigInt(digit);
    }
    digits.push(digit);
    rest >>= 1n;
  }
  return digits;
}

function oddMultiples(point: EdwardsPoint): readonly EdwardsPoint[] {
  const twice = point.double();
  const table = [point];
  for (let last = point; table.length < TABLE_SIZE; table.push(last)) last = last.add(twice);
  return table;
}
