import type { BundleBook, KnownBundle } from './bundle-book';

/**
 * Which bundles of a book may have something to do because time has passed. A bundle rests until a moment that its state
 * tells: before it, only an event or a call can change anything. Most of a node's bundles rest, from their dealings to
 * their end, and a tick costs nothing for them.
 */
export class DueBundles<State extends KnownBundle> {
  readonly #restless = new Set<string>();
  readonly #restsUntil = new Map<string, number>();
  /** No bundle that rests is due before. */
  #earliest = Infinity;

  /**
   * @param restsUntilUnixMs - of a state: milliseconds by this node's clock; 0 for one that each tick has to look at,
   *   infinite for one that time does not change
   */
  constructor(book: Pick<BundleBook<State>, 'watch'>, restsUntilUnixMs: (state: State) => number) {
    book.watch((bundleId, after) => {
      const until = after === undefined ? Infinity : restsUntilUnixMs(after);
      if (until === 0) this.#restless.add(bundleId);
      else this.#restless.delete(bundleId);
      if (until === 0 || until === Infinity) this.#restsUntil.delete(bundleId);
      else this.#restsUntil.set(bundleId, until);
      if (until > 0) this.#earliest = Math.min(this.#earliest, until);
    });
  }

  /** IDs of the bundles that rest no more. */
  at(nowUnixMs: number): readonly string[] {
    const due = [...this.#restless];
    if (nowUnixMs < this.#earliest) return due;
    this.#earliest = Infinity;
    for (const [bundleId, until] of this.#restsUntil) {
      if (until <= nowUnixMs) due.push(bundleId);
      this.#earliest = Math.min(this.#earliest, until);
    }
    return due;
  }
}
