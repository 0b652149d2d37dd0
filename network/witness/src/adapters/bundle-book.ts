import { EkoError } from '@eko/protocol';
import { isFinished, type WitnessedBundle } from '../core/witnessed-bundle';
import type { WitnessCheckpoint, WitnessStore } from '../ports/witness-store';

/**
 * The bundles of a witness: changed in memory at once, so that an end counts from the moment it is seen, and written
 * in order behind.
 */
export class BundleBook {
  readonly #bundles = new Map<string, WitnessedBundle>();
  readonly #waiting = new Set<() => void>();
  readonly #store: WitnessStore;
  #writes: Promise<void> = Promise.resolve();

  private constructor(store: WitnessStore) {
    this.#store = store;
  }

  /** Opens the book with what the store holds. */
  static async open(
    store: WitnessStore,
  ): Promise<{ book: BundleBook; checkpoint: WitnessCheckpoint | undefined }> {
    const { bundles, checkpoint } = await store.load();
    const book = new BundleBook(store);
    for (const state of bundles) book.#bundles.set(state.bundle.bundleId, state);
    return { book, checkpoint };
  }

  get(bundleId: string): WitnessedBundle | undefined {
    return this.#bundles.get(bundleId);
  }

  all(): IterableIterator<WitnessedBundle> {
    return this.#bundles.values();
  }

  /** Replaces a bundle's state, in memory only; synchronous, so that no other change comes between. */
  set(bundleId: string, next: WitnessedBundle): void {
    this.#bundles.set(bundleId, next);
    for (const wake of this.#waiting) wake();
  }

  /** Writes the present state of these bundles, with the checkpoint, in one durable step; finished ones are forgotten. */
  async write(bundleIds: readonly string[], checkpoint?: WitnessCheckpoint): Promise<void> {
    const write = this.#writes.then(async () => {
      const present = bundleIds.flatMap((bundleId) => this.#bundles.get(bundleId) ?? []);
      const finished = present.filter((state) => isFinished(state));
      await this.#store.save({
        bundles: present.filter((state) => !finished.includes(state)),
        forget: finished.map((state) => state.bundle.bundleId),
        ...(checkpoint === undefined ? {} : { checkpoint }),
      });
      for (const state of finished) {
        if (this.#bundles.get(state.bundle.bundleId) === state) this.#bundles.delete(state.bundle.bundleId);
      }
    });
    this.#writes = write.catch(() => undefined);
    await write;
  }

  /** Resolves once all writes asked for so far are durable. */
  async written(): Promise<void> {
    await this.#writes;
  }

  /**
   * Waits until `ready` answers true, which it is asked after every change.
   * @throws EkoError `CANCELLED`; when the time is over it resolves, and the caller decides by the state it finds
   */
  async until(ready: () => boolean, timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (ready()) return;
    await new Promise<void>((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        this.#waiting.delete(check);
        signal.removeEventListener('abort', cancel);
        settle();
      };
      const check = (): void => {
        if (ready()) finish(resolve);
      };
      const cancel = (): void => {
        finish(() => {
          reject(new EkoError('CANCELLED', 'The caller went away'));
        });
      };
      const timer = setTimeout(() => {
        finish(resolve);
      }, timeoutMs);
      this.#waiting.add(check);
      signal.addEventListener('abort', cancel, { once: true });
    });
  }
}
