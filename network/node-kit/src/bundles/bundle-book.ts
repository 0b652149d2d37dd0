import { EkoError } from '@eko/protocol';
import type { Checkpoint } from '@eko/sdk';
import type { BundleStore, KnownBundle } from './bundle-store';

/** Options of one write. */
export interface BookWrite {
  readonly checkpoint?: Checkpoint;
  /** As in `BundleChange`. */
  readonly sync?: boolean;
}

/**
 * The bundles of a node: changed in memory at once, so that an end counts from the moment it is seen, and written in
 * order behind.
 */
export class BundleBook<State extends KnownBundle> {
  readonly #bundles = new Map<string, State>();
  readonly #waiting = new Set<() => void>();
  readonly #store: BundleStore<State>;
  readonly #isFinished: (state: State) => boolean;
  #writes: Promise<void> = Promise.resolve();

  private constructor(store: BundleStore<State>, isFinished: (state: State) => boolean) {
    this.#store = store;
    this.#isFinished = isFinished;
  }

  /**
   * Opens the book with what the store holds.
   *
   * @param isFinished - tells whether nothing of a bundle is left to do here, so that it can be forgotten
   */
  static async open<State extends KnownBundle>(
    store: BundleStore<State>,
    isFinished: (state: State) => boolean,
  ): Promise<{ book: BundleBook<State>; checkpoint: Checkpoint | undefined }> {
    const { bundles, checkpoint } = await store.load();
    const book = new BundleBook(store, isFinished);
    for (const state of bundles) book.#bundles.set(state.bundle.bundleId, state);
    return { book, checkpoint };
  }

  get(bundleId: string): State | undefined {
    return this.#bundles.get(bundleId);
  }

  all(): IterableIterator<State> {
    return this.#bundles.values();
  }

  /** Replaces a bundle's state, in memory only; synchronous, so that no other change comes between. */
  set(bundleId: string, next: State): void {
    this.#bundles.set(bundleId, next);
    for (const wake of this.#waiting) wake();
  }

  /** Writes the present state of these bundles, with the checkpoint, in one step; finished ones are forgotten. */
  async write(bundleIds: readonly string[], options: BookWrite = {}): Promise<void> {
    const write = this.#writes.then(async () => {
      const present = bundleIds.flatMap((bundleId) => this.#bundles.get(bundleId) ?? []);
      const finished = present.filter((state) => this.#isFinished(state));
      await this.#store.save({
        ...options,
        bundles: present.filter((state) => !finished.includes(state)),
        forget: finished.map((state) => state.bundle.bundleId),
      });
      for (const state of finished) {
        if (this.#bundles.get(state.bundle.bundleId) === state) this.#bundles.delete(state.bundle.bundleId);
      }
    });
    this.#writes = write.catch(() => undefined);
    await write;
  }

  /** Resolves once all writes asked for so far are done. */
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
