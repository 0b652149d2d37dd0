import { EkoError, SecretBytes, isEkoError } from '@eko/protocol';
import { drawRandom, type RandomSource } from '@eko/protocol/crypto';
import { systemRandom } from '@eko/protocol/node';
import type { KeyValueStore, StoreOperation } from '../store/key-value-store';
import type { SlotFile } from './slot-file';
import { SlotStore, unreadable } from './slot-store';
import { Turns } from '../process/turns';
import { KEY_BYTES, openRecord, sealRecord } from './slot-ciphers';

/** An envelope under the name of its place. */
export interface StoredEnvelope {
  readonly id: string;
  readonly bytes: SecretBytes<'share'>;
}

/** Where envelopes lie: sealed in one place, their keys in another. */
export interface EnvelopeStoreOptions {
  /** Holds the sealed records; only the keys under `prefix` are taken. */
  readonly store: KeyValueStore;
  /** Holds the data keys, sealed; from `openSlotFile`. It is closed with the envelopes. */
  readonly slotFile: SlotFile;
  /** Read while opening only. */
  readonly storeKey: SecretBytes<'store key'>;
  readonly prefix?: string;
  /** Slots of a new file; it doubles when they are used up. */
  readonly slots?: number;
  readonly random?: RandomSource;
}

type DataKeys = ReadonlyMap<string, SecretBytes<'data key'>>;

const DEFAULT_PREFIX = 'share/';

/**
 * Envelopes at rest, of any size, each sealed under a data key of its own whose overwriting destroys it.
 *
 * The store holds the sealed records, a slot store the data keys. A put writes keys, then records; a shred destroys keys,
 * then deletes records; each step is on disk before the next. So a crash leaves a record usable or unreadable, never an
 * acknowledged one lost nor a shredded one readable.
 */
export class EnvelopeStore {
  readonly #store: KeyValueStore;
  readonly #prefix: string;
  readonly #random: RandomSource;
  readonly #keys: SlotStore<'data key'>;
  /** One change after another: what a record's key is depends on the change before. */
  readonly #changes = new Turns();

  private constructor(options: EnvelopeStoreOptions, keys: SlotStore<'data key'>) {
    this.#store = options.store;
    this.#prefix = options.prefix ?? DEFAULT_PREFIX;
    this.#random = options.random ?? systemRandom;
    this.#keys = keys;
  }

  /**
   * Opens the store and finishes what a crash left half done.
   *
   * @throws EkoError `CORRUPT_RECORD` if the slot file is damaged as a whole or missing, `INVALID_CONFIG` if it belongs
   *   to another store key
   */
  static async open(options: EnvelopeStoreOptions): Promise<EnvelopeStore> {
    const { slotFile, storeKey, slots } = options;
    const keys = await SlotStore.open({
      slotFile,
      storeKey,
      label: 'data key',
      ...(slots === undefined ? {} : { slots }),
    });
    const envelopes = new EnvelopeStore(options, keys);
    if (keys.isNew) await envelopes.#refuseRecordsWithoutKeys(slotFile.name);
    await envelopes.#recover();
    return envelopes;
  }

  /**
   * Stores all records durably, in one write of the keys and one of the records; an id that is there is replaced.
   *
   * @param alongside - changes of the caller's own records in the same store, in the same write
   * @throws EkoError `STORE_FULL`; then none is stored
   */
  async put(records: readonly StoredEnvelope[], alongside: readonly StoreOperation[] = []): Promise<void> {
    if (records.length === 0 && alongside.length === 0) return;
    await this.#changes.take(async () => {
      const ids = [...new Set(records.map(({ id }) => id))];
      const old = await this.#oldKeys(ids);
      const fresh = ids
        .filter((id) => !old.has(id))
        .map((id) => ({ id, bytes: new SecretBytes('data key', drawRandom(this.#random, KEY_BYTES)) }));
      const keys: DataKeys = new Map([...old, ...fresh.map(({ id, bytes }) => [id, bytes] as const)]);
      try {
        const operations = records.map((record) => this.#putOperation(record, keys));
        await this.#keys.put(fresh);
        await this.#write([...operations, ...alongside], fresh);
      } finally {
        for (const key of keys.values()) key.dispose();
      }
    });
  }

  /**
   * Reads records; the caller disposes of them. Ids that are not there are left out.
   *
   * @throws EkoError `CORRUPT_RECORD` naming the record
   */
  async get(ids: readonly string[]): Promise<readonly StoredEnvelope[]> {
    const lost = ids.find((id) => this.#keys.stateOf(id) === 'lost');
    if (lost !== undefined) throw unreadable('share', lost);
    const wanted = ids.filter((id) => this.#keys.stateOf(id) === 'live');
    const [keys, sealed] = await Promise.all([
      this.#keys.get(wanted),
      this.#store.getMany(wanted.map((id) => this.#prefix + id)),
    ]);
    const records: StoredEnvelope[] = [];
    try {
      for (const { id, bytes: key } of keys) {
        // A record that was shredded meanwhile is not there, whatever was read of it.
        if (this.#keys.stateOf(id) !== 'live') continue;
        const value = sealed[wanted.indexOf(id)];
        const opened = value === undefined ? undefined : key.use((bytes) => openRecord(bytes, id, value));
        if (opened === undefined) throw unreadable('share', id);
        records.push({ id, bytes: new SecretBytes('share', opened) });
      }
    } catch (error) {
      for (const { bytes } of records) bytes.dispose();
      throw error;
    } finally {
      for (const { bytes } of keys) bytes.dispose();
    }
    return records;
  }

  /** Destroys records for good, also on a full disk; ids that are not there are fine. */
  async shred(ids: readonly string[]): Promise<void> {
    await this.#changes.take(async () => {
      await this.#keys.destroy(ids);
      await this.#forget(ids);
    });
  }

  /** The ids of all records, those that cannot be read among them. */
  async list(): Promise<readonly string[]> {
    const ids: string[] = [];
    for await (const id of this.#ids()) {
      const state = this.#keys.stateOf(id);
      if (state === 'live' || state === 'lost') ids.push(id);
    }
    return ids;
  }

  /** Waits for changes under way and closes the slot file; the store belongs to the caller. */
  async close(): Promise<void> {
    await this.#changes.take(() => this.#keys.close());
  }

  /** The keys that records have: a record is replaced under the key of the old one, so that one of both is there. */
  async #oldKeys(ids: readonly string[]): Promise<DataKeys> {
    const live = ids.filter((id) => this.#keys.stateOf(id) === 'live');
    const readable: (readonly [string, SecretBytes<'data key'>])[] = [];
    for (const id of live) {
      try {
        for (const { bytes } of await this.#keys.get([id])) readable.push([id, bytes]);
      } catch (error) {
        // A key that cannot be read is replaced with its record.
        if (!isEkoError(error, 'CORRUPT_RECORD')) throw error;
      }
    }
    return new Map(readable);
  }

  #putOperation({ id, bytes }: StoredEnvelope, keys: DataKeys): StoreOperation {
    const dataKey = keys.get(id);
    if (dataKey === undefined) throw new RangeError('a record without a key');
    const value = dataKey.use((key) => bytes.use((plain) => sealRecord(key, id, plain)));
    return { kind: 'put', key: this.#prefix + id, value };
  }

  /** New keys of records that could not be stored are destroyed again; their slots stay taken until the next opening. */
  async #write(
    operations: readonly StoreOperation[],
    fresh: readonly { readonly id: string }[],
  ): Promise<void> {
    try {
      await this.#store.batch(operations);
    } catch (error) {
      await this.#keys.destroy(fresh.map(({ id }) => id));
      throw error;
    }
  }

  /** Deletes what has no key any more; on a full disk that waits for the next opening. */
  async #forget(ids: readonly string[]): Promise<void> {
    try {
      await this.#store.batch(ids.map((id) => ({ kind: 'delete', key: this.#prefix + id })));
    } catch (error) {
      if (isEkoError(error, 'STORE_FULL')) return;
      throw error;
    }
    this.#keys.forget(ids);
  }

  async *#ids(): AsyncIterable<string> {
    for await (const key of this.#store.keys({ prefix: this.#prefix })) yield key.slice(this.#prefix.length);
  }

  async #refuseRecordsWithoutKeys(file: string): Promise<void> {
    for await (const id of this.#ids()) {
      throw new EkoError('CORRUPT_RECORD', `${file} is missing, but there are records that need it`, {
        details: { file, key: this.#prefix + id },
      });
    }
  }

  async #recover(): Promise<void> {
    const ids: string[] = [];
    const unfinished: string[] = [];
    for await (const id of this.#ids()) {
      ids.push(id);
      if (this.#keys.stateOf(id) === 'shredded') unfinished.push(id);
    }
    // Keys without a record are left from a put that was never acknowledged.
    await this.#keys.keepOnly(ids);
    if (unfinished.length > 0) await this.#forget(unfinished);
  }
}
