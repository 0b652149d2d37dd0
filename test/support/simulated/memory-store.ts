import { type KeyValueStore, type StoreOperation } from '@eko/node-kit';
import {
  checkStoreKey,
  type StoreEntry,
  type StoreRange,
} from '../../../network/node-kit/src/store/key-value-store';
import { EkoError } from '@eko/protocol';

/** A store in memory that behaves as the one on disk does, and can be full. */
export class MemoryStore implements KeyValueStore {
  /** While set, puts are refused as on a full disk. */
  isFull = false;
  /** While set, deletions are refused too, as after a failed write. */
  refusesDeletions = false;
  readonly #values = new Map<string, Uint8Array>();
  #isOpen = true;

  async get(key: string): Promise<Uint8Array | undefined> {
    this.#refuseClosed();
    checkStoreKey(key);
    const value = this.#values.get(key);
    return value === undefined ? undefined : Uint8Array.from(value);
  }

  async getMany(keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[]> {
    return Promise.all(keys.map((key) => this.get(key)));
  }

  async batch(operations: readonly StoreOperation[]): Promise<void> {
    this.#refuseClosed();
    for (const operation of operations) checkStoreKey(operation.key);
    const refused = operations.some(({ kind }) => (kind === 'put' ? this.isFull : this.refusesDeletions));
    if (refused) {
      throw new EkoError('STORE_FULL', 'The memory store is full');
    }
    for (const operation of operations) {
      if (operation.kind === 'put') this.#values.set(operation.key, Uint8Array.from(operation.value));
      else this.#values.delete(operation.key);
    }
  }

  async *list(range: StoreRange = {}): AsyncIterable<StoreEntry> {
    this.#refuseClosed();
    const prefix = range.prefix ?? '';
    const after = range.after;
    const isAfter = (key: string): boolean =>
      after === undefined || Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0;
    const entries = [...this.#values]
      .filter(([key]) => key.startsWith(prefix) && isAfter(key))
      .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    for (const [key, value] of entries) yield { key, value: Uint8Array.from(value) };
  }

  async *keys(range: StoreRange = {}): AsyncIterable<string> {
    for await (const { key } of this.list(range)) yield key;
  }

  async close(): Promise<void> {
    this.#isOpen = false;
  }

  #refuseClosed(): void {
    if (!this.#isOpen) throw new EkoError('SHUTTING_DOWN', 'The store is closed');
  }
}
