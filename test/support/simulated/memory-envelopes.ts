import { SecretBytes } from '@eko/protocol';
import type { KeyValueStore, StoreOperation, StoredEnvelope } from '@eko/node-kit';
import type { Envelopes } from '../../../network/orchestrator/src/service/outbox';

const PREFIX = 'envelope/';

/** Envelopes, in the clear, in a store of the test. */
export class MemoryEnvelopes implements Envelopes {
  readonly #store: KeyValueStore;

  constructor(store: KeyValueStore) {
    this.#store = store;
  }

  put(records: readonly StoredEnvelope[], alongside: readonly StoreOperation[] = []): Promise<void> {
    const operations = records.map(({ id, bytes }): StoreOperation => ({
      kind: 'put',
      key: PREFIX + id,
      value: bytes.use((plain) => Uint8Array.from(plain)),
    }));
    return this.#store.batch([...operations, ...alongside]);
  }

  async get(ids: readonly string[]): Promise<readonly StoredEnvelope[]> {
    const records: StoredEnvelope[] = [];
    for (const id of ids) {
      const value = await this.#store.get(PREFIX + id);
      if (value !== undefined) records.push({ id, bytes: new SecretBytes('share', value) });
    }
    return records;
  }

  shred(ids: readonly string[]): Promise<void> {
    return this.#store.batch(ids.map((id) => ({ kind: 'delete', key: PREFIX + id })));
  }

  async list(): Promise<readonly string[]> {
    const ids: string[] = [];
    for await (const { key } of this.#store.list({ prefix: PREFIX })) ids.push(key.slice(PREFIX.length));
    return ids;
  }
}
