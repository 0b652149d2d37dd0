import { EkoError } from '@eko/protocol';
import type { KeyValueStore, StoreOperation } from '@eko/node-kit';
import type { BatchOptions } from '../../../network/node-kit/src/store/key-value-store';

/** A store as one life of a process sees it: after its end nothing is written, and a power cut takes what was not synced. */
export class MortalStore implements KeyValueStore {
  readonly #store: KeyValueStore;
  /** What puts back the writes since the last synced one. */
  #undo: StoreOperation[] = [];
  #isAlive = true;

  constructor(store: KeyValueStore) {
    this.#store = store;
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#store.get(key);
  }

  getMany(keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[]> {
    return this.#store.getMany(keys);
  }

  async batch(operations: readonly StoreOperation[], options: BatchOptions = {}): Promise<void> {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    if (!this.#isAlive) throw new EkoError('SHUTTING_DOWN', 'The process was killed');
    const before: StoreOperation[] = [];
    for (const { key } of operations) {
      const value = await this.#store.get(key);
      before.unshift(value === undefined ? { kind: 'delete', key } : { kind: 'put', key, value });
    }
    await this.#store.batch(operations);
    this.#undo = options.sync === false ? [...before, ...this.#undo] : [];
  }

  list(...range: Parameters<KeyValueStore['list']>): ReturnType<KeyValueStore['list']> {
    return this.#store.list(...range);
  }

  keys(...range: Parameters<KeyValueStore['keys']>): ReturnType<KeyValueStore['keys']> {
    return this.#store.keys(...range);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Ends the process; with a power cut, the disk forgets what was not synced. */
  async kill(isPowerCut: boolean): Promise<void> {
    this.#isAlive = false;
    if (isPowerCut) await this.#store.batch(this.#undo);
  }
}
