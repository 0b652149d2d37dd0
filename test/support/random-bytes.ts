import type { RandomSource } from '@eko/protocol/crypto';
import { seededRandom } from './random';

/** A source of bytes that repeats for the same seed. */
export function seededBytes(seed: number): RandomSource {
  const random = seededRandom(seed);
  return (length) => Uint8Array.from({ length }, () => random.below(256));
}

/** A source that gives the prepared bytes first in each draw, and then bytes that count up. */
export function preparedBytes(...first: readonly number[]): RandomSource {
  return (length) => Uint8Array.from({ length }, (_, i) => first[i] ?? i & 0xff);
}
