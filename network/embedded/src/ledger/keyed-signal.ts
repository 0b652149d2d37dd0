import { Signal } from './signal';

/** Wakes those who wait for one thing of many. */
export class KeyedSignal {
  readonly #signals = new Map<string, Signal>();

  /** Wakes all who wait for `key` now. */
  fire(key: string): void {
    this.#signals.get(key)?.fire();
    this.#signals.delete(key);
  }

  /** Wakes everybody. */
  fireAll(): void {
    for (const key of [...this.#signals.keys()]) this.fire(key);
  }

  /**
   * Waits for the next time that `key` is fired.
   *
   * @throws the reason of `signal`, once that is aborted
   */
  async next(key: string, signal: AbortSignal): Promise<void> {
    const waited = this.#signals.get(key) ?? new Signal();
    this.#signals.set(key, waited);
    try {
      await waited.next(signal);
    } finally {
      if (waited.isIdle && this.#signals.get(key) === waited) this.#signals.delete(key);
    }
  }
}
