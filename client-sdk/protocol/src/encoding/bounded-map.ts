/**
 * A map that keeps no more than so many entries: the one that was set or read longest ago goes first. For answers that
 * may be worked out again and that callers could otherwise make grow without end. `undefined` is no value.
 */
export class BoundedMap<Key, Value> {
  readonly #most: number;
  /** A `Map` gives its entries in the order in which they were put in: the oldest is the first. */
  readonly #entries = new Map<Key, Value>();

  /**
   * @param most - how many entries are kept, at least 1
   * @throws RangeError for any other number
   */
  constructor(most: number) {
    if (!Number.isSafeInteger(most) || most < 1) throw new RangeError('most must be a whole number from 1');
    this.#most = most;
  }

  /** The value of a key, which is now the last to go; nothing if it was not set or is gone. */
  get(key: Key): Value | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) this.#putLast(key, value);
    return value;
  }

  /** Sets the value of a key, which is now the last to go. */
  set(key: Key, value: Value): void {
    this.#putLast(key, value);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#most && oldest !== undefined) this.#entries.delete(oldest);
  }

  /** Forgets a key. */
  delete(key: Key): void {
    this.#entries.delete(key);
  }

  #putLast(key: Key, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
  }
}
