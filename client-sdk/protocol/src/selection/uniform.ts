const WORDS = 2 ** 32;

/**
 * A uniform number from 0 to `bound` - 1, by rejection: a word at or above the largest multiple of the bound is thrown
 * away, so that no number is more likely than another.
 *
 * @param nextWord - gives uniform words of 32 bits
 * @param bound - 1 to 2^32
 */
export function uniformBelow(nextWord: () => number, bound: number): number {
  const limit = WORDS - (WORDS % bound);
  for (;;) {
    const word = nextWord();
    if (word < limit) return word % bound;
  }
}
