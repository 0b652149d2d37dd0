/** Wakes everybody who waits for something to happen. */
export class Signal {
  readonly #waiting = new Set<() => void>();

  /** Whether nobody waits. */
  get isIdle(): boolean {
    return this.#waiting.size === 0;
  }

  /** Wakes all who wait now. */
  fire(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  /**
   * Waits for the next time.
   *
   * @throws the reason of `signal`, once that is aborted
   */
  async next(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const abort = (): void => {
        this.#waiting.delete(wake);
        reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
      };
      const wake = (): void => {
        signal.removeEventListener('abort', abort);
        resolve();
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#waiting.add(wake);
    });
  }
}

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
