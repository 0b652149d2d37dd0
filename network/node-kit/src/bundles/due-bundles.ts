import type { BundleBook, KnownBundle } from './bundle-book';

/**
 * Which bundles of a book may have something to do because time has passed. A bundle rests until a moment that its state
 * tells: before it, only an event or a call can change anything. So a tick costs a comparison for a bundle that rests,
 * and most of a node's bundles do, from their dealings to their end.
 */
export class DueBundles<State extends KnownBundle> {
  readonly #restsUntil = new Map<string, number>();

  /**
   * @param restsUntilUnixMs - of a state: milliseconds by this node's clock; 0 for one that each tick has to look at,
   *   infinite for one that time does not change
   */
  constructor(book: Pick<BundleBook<State>, 'watch'>, restsUntilUnixMs: (state: State) => number) {
    book.watch((bundleId, after) => {
      if (after === undefined) this.#restsUntil.delete(bundleId);
      else this.#restsUntil.set(bundleId, restsUntilUnixMs(after));
    });
  }

  /** IDs of the bundles that rest no more, in the order in which they came. */
  at(nowUnixMs: number): readonly string[] {
    const due: string[] = [];
    for (const [bundleId, until] of this.#restsUntil) if (until <= nowUnixMs) due.push(bundleId);
    return due;
  }
}
