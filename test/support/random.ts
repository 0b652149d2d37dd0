import type { RandomSource } from '@eko/protocol/crypto';

/** A seeded generator (mulberry32), so that a failing schedule can be run again from its number. */
export interface SeededRandom {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, limit). */
  below(limit: number): number;
  /** One of the items. */
  pick<T>(items: readonly T[]): T;
  /** True with the given probability. */
  chance(probability: number): boolean;
}

export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    below,
    pick: <T>(items: readonly T[]): T => {
      const item = items[below(items.length)];
      if (item === undefined) throw new RangeError('nothing to pick from');
      return item;
    },
    chance: (probability) => next() < probability,
  };
}

/** A source of bytes that repeats for the same seed. */
export function seededBytes(seed: number): RandomSource {
  const random = seededRandom(seed);
  return (length) => Uint8Array.from({ length }, () => random.below(256));
}

/** A source that gives the prepared bytes first in each draw, and then bytes that count up. */
export function preparedBytes(...first: readonly number[]): RandomSource {
  return (length) => Uint8Array.from({ length }, (_, i) => first[i] ?? i & 0xff);
}

/** How far counts are from what was expected, over all of them. */
export function chiSquare(counts: readonly number[], expected: number): number {
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}
