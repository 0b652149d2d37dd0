import { createHash } from 'node:crypto';
import { EkoError, SecretBytes, drawRandom, equalBytes, isEkoError, type RandomSource } from '@eko/protocol';
import { systemRandom } from '@eko/protocol/node';
import type { KeyValueStore, StoreOperation } from '../store/key-value-store';
import { DataKeyCipher, openRecord, sealRecord } from './data-key-cipher';
import { KeySlots, type SlotWrite } from './key-slots';
import { KEY_BYTES, type Slot } from './slot-codec';
import type { SlotFile } from './slot-file';

/** A share under the name of its place. */
export interface VaultRecord {
  readonly id: string;
  readonly bytes: SecretBytes<'share'>;
}

/** Where a vault keeps its two halves. */
export interface ShareVaultOptions {
  /** Holds the sealed records; the vault takes only the keys under `prefix`. */
  readonly store: KeyValueStore;
  /** Holds the data keys, wrapped; from `openSlotFile`. The vault closes it. */
  readonly slotFile: SlotFile;
  /** Read while opening only. */
  readonly storeKey: SecretBytes<'store key'>;
  readonly prefix?: string;
  /** Slots of a new file; it doubles when they are used up. */
  readonly slots?: number;
  readonly random?: RandomSource;
}

/** A record's slot, how the slot names it, and whether its key is still there. */
interface Place {
  readonly slot: number;
  readonly owner: Uint8Array;
  readonly isLive: boolean;
}

/** A data key between its making and its use; wiped at the end of the put that it is for. */
interface DataKey {
  readonly slot: number;
  readonly owner: Uint8Array;
  readonly key: Uint8Array;
  readonly isNew: boolean;
}

const DEFAULT_PREFIX = 'share/';
const DEFAULT_SLOTS = 8192;

/**
 * Shares at rest, each sealed under a data key of its own whose overwriting destroys it.
 *
 * The store holds the sealed records, a file of fixed slots the data keys, wrapped by the node's store key. A put writes
 * keys, then records; a shred overwrites keys, then deletes records; each step is on disk before the next. So a crash
 * leaves a record usable or unreadable, never an acknowledged one lost nor a shredded one readable. Overwriting in
 * place destroys as far as the disk does what it is told: not on file systems that keep old versions, nor in the
 * spare cells of flash memory, where only the wrapping by the store key stands.
 */
export class ShareVault {
  readonly #store: KeyValueStore;
  readonly #prefix: string;
  readonly #random: RandomSource;
  readonly #cipher: DataKeyCipher;
  readonly #slots: KeySlots;
  readonly #places = new Map<string, Place>();
  /** Records whose key is lost without having been shredded. */
  readonly #broken = new Set<string>();
  #lastChange: Promise<unknown> = Promise.resolve();

  private constructor(options: ShareVaultOptions, cipher: DataKeyCipher, slots: KeySlots) {
    this.#store = options.store;
    this.#prefix = options.prefix ?? DEFAULT_PREFIX;
    this.#random = options.random ?? systemRandom;
    this.#cipher = cipher;
    this.#slots = slots;
  }

  /**
   * Opens a vault and finishes what a crash left half done.
   *
   * @throws EkoError `CORRUPT_RECORD` if the slot file is damaged as a whole or missing, `INVALID_CONFIG` if it belongs
   *   to another store key
   */
  static async open(options: ShareVaultOptions): Promise<ShareVault> {
    const cipher = new DataKeyCipher(options.storeKey);
    const { slots, found, isNew } = await KeySlots.open(
      options.slotFile,
      cipher.storeKeyCheck,
      options.slots ?? DEFAULT_SLOTS,
    );
    const vault = new ShareVault(options, cipher, slots);
    if (isNew) await vault.#refuseRecordsWithoutKeys(options.slotFile.name);
    await vault.#recover(found);
    return vault;
  }

  /**
   * Stores all records durably, in one write of the keys and one of the records; an id that is there is replaced.
   *
   * @throws EkoError `STORE_FULL`; then none is stored
   */
  async put(records: readonly VaultRecord[]): Promise<void> {
    if (records.length === 0) return;
    await this.#inTurn(async () => {
      const keys = new Map<string, DataKey>();
      try {
        await this.#addKeys(
          keys,
          records.map(({ id }) => id),
        );
        const operations = records.map((record) => this.#putOperation(record, keys));
        await this.#slots.write(this.#liveWrites(keys));
        await this.#writeRecords(operations, keys);
        for (const [id, { slot, owner }] of keys) {
          this.#places.set(id, { slot, owner, isLive: true });
          this.#broken.delete(id);
        }
      } finally {
        for (const { key } of keys.values()) key.fill(0);
      }
    });
  }

  /**
   * Reads records; the caller disposes of them. Ids that are not there are left out.
   *
   * @throws EkoError `CORRUPT_RECORD` naming the record
   */
  async get(ids: readonly string[]): Promise<readonly VaultRecord[]> {
    const wanted = ids.flatMap((id) => {
      const place = this.#places.get(id);
      if (place?.isLive === true) return [{ id, place }];
      if (this.#broken.has(id)) throw corrupt(id);
      return [];
    });
    const [slots, sealed] = await Promise.all([
      this.#slots.read(wanted.map(({ place }) => place.slot)),
      this.#store.getMany(wanted.map(({ id }) => this.#prefix + id)),
    ]);
    const records: VaultRecord[] = [];
    try {
      wanted.forEach(({ id, place }, index) => {
        // A record that was shredded meanwhile is not there, whatever was read of it.
        if (this.#places.get(id)?.isLive !== true) return;
        const key = this.#unwrap(place, slots.get(place.slot));
        const value = sealed[index];
        const opened = key === undefined || value === undefined ? undefined : openRecord(key, id, value);
        key?.fill(0);
        if (opened === undefined) throw corrupt(id);
        records.push({ id, bytes: new SecretBytes('share', opened) });
      });
    } catch (error) {
      for (const { bytes } of records) bytes.dispose();
      throw error;
    }
    return records;
  }

  /** Destroys records for good, also on a full disk; ids that are not there are fine. */
  async shred(ids: readonly string[]): Promise<void> {
    await this.#inTurn(async () => {
      const places = [...new Set(ids)].flatMap((id) => {
        const place = this.#places.get(id);
        return place === undefined ? [] : [{ id, place }];
      });
      for (const { id, place } of places) this.#places.set(id, { ...place, isLive: false });
      if (places.length > 0) {
        await this.#slots.write(
          places.map(({ place: { slot, owner } }) => ({
            number: slot,
            slot: { kind: 'shredded', owner },
          })),
        );
      }
      await this.#forget(ids);
    });
  }

  /** The ids of all records, those that cannot be read among them. */
  async list(): Promise<readonly string[]> {
    const ids: string[] = [];
    for await (const { key } of this.#store.list({ prefix: this.#prefix })) {
      const id = key.slice(this.#prefix.length);
      if (this.#places.get(id)?.isLive === true || this.#broken.has(id)) ids.push(id);
    }
    return ids;
  }

  /** Waits for changes under way and closes the slot file; the store belongs to the caller. */
  async close(): Promise<void> {
    await this.#inTurn(() => this.#slots.close());
  }

  /** The data key of a place, by what its slot holds. */
  #unwrap({ slot, owner }: Place, found: Slot | undefined): Uint8Array | undefined {
    if (found?.kind !== 'live' || !equalBytes(found.owner, owner)) return undefined;
    return this.#cipher.unwrap(found.wrapped, slot, owner);
  }

  /** Adds the key of each id: the one it has, or a new one in a slot that is free. */
  async #addKeys(keys: Map<string, DataKey>, ids: readonly string[]): Promise<void> {
    const without: string[] = [];
    const present = [...new Set(ids)].map((id) => ({ id, place: this.#places.get(id) }));
    const live = present.flatMap(({ place }) => (place?.isLive === true ? [place.slot] : []));
    const slots = await this.#slots.read(live);
    for (const { id, place } of present) {
      if (place === undefined) {
        without.push(id);
        continue;
      }
      const key = this.#unwrap(place, slots.get(place.slot));
      keys.set(id, { ...place, key: key ?? this.#newKey(), isNew: key === undefined });
    }
    const numbers = await this.#slots.allocate(without.length);
    without.forEach((id, index) =>
      keys.set(id, { slot: numbers[index] ?? 0, owner: ownerOf(id), key: this.#newKey(), isNew: true }),
    );
  }

  #newKey(): Uint8Array {
    return drawRandom(this.#random, KEY_BYTES);
  }

  #putOperation({ id, bytes }: VaultRecord, keys: ReadonlyMap<string, DataKey>): StoreOperation {
    const dataKey = keys.get(id);
    if (dataKey === undefined) throw new RangeError('a record without a key');
    return {
      kind: 'put',
      key: this.#prefix + id,
      value: bytes.use((plain) => sealRecord(dataKey.key, id, plain)),
    };
  }

  #liveWrites(keys: ReadonlyMap<string, DataKey>): readonly SlotWrite[] {
    return [...keys.values()]
      .filter(({ isNew }) => isNew)
      .map(({ slot, owner, key }) => ({
        number: slot,
        slot: { kind: 'live', owner, wrapped: this.#cipher.wrap(key, slot, owner) },
      }));
  }

  /** New keys of records that could not be stored are destroyed again; their slots stay taken until the next opening. */
  async #writeRecords(
    operations: readonly StoreOperation[],
    keys: ReadonlyMap<string, DataKey>,
  ): Promise<void> {
    try {
      await this.#store.batch(operations);
    } catch (error) {
      const fresh = [...keys].filter(([, { isNew }]) => isNew);
      for (const [id, { slot, owner }] of fresh) this.#places.set(id, { slot, owner, isLive: false });
      await this.#slots.write(
        fresh.map(([, { slot, owner }]) => ({ number: slot, slot: { kind: 'shredded', owner } })),
      );
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
    const freed: number[] = [];
    for (const id of new Set(ids)) {
      const place = this.#places.get(id);
      if (place !== undefined) freed.push(place.slot);
      this.#places.delete(id);
      this.#broken.delete(id);
    }
    this.#slots.release(freed);
  }

  async #refuseRecordsWithoutKeys(file: string): Promise<void> {
    for await (const { key } of this.#store.list({ prefix: this.#prefix })) {
      throw new EkoError('CORRUPT_RECORD', `${file} is missing, but there are records that need it`, {
        details: { file, key },
      });
    }
  }

  async #recover(found: readonly Slot[]): Promise<void> {
    const bySlotOwner = new Map<string, Place>();
    found.forEach((slot, number) => {
      if (slot.kind === 'live' || slot.kind === 'shredded') {
        bySlotOwner.set(Buffer.from(slot.owner).toString('hex'), {
          slot: number,
          owner: slot.owner,
          isLive: slot.kind === 'live',
        });
      }
    });
    const unfinished: string[] = [];
    for await (const { key } of this.#store.list({ prefix: this.#prefix })) {
      const id = key.slice(this.#prefix.length);
      const place = bySlotOwner.get(Buffer.from(ownerOf(id)).toString('hex'));
      if (place === undefined) this.#broken.add(id);
      else this.#places.set(id, place);
      if (place?.isLive === false) unfinished.push(id);
    }
    const taken = new Set([...this.#places.values()].map(({ slot }) => slot));
    const spare = found.map((_, number) => number).filter((number) => !taken.has(number));
    // Keys without a record are left from a put that was never acknowledged.
    const dirty = spare.filter((number) => found[number]?.kind !== 'empty');
    if (dirty.length > 0) {
      await this.#slots.write(dirty.map((number) => ({ number, slot: { kind: 'empty' } })));
    }
    this.#slots.release(spare);
    if (unfinished.length > 0) await this.#forget(unfinished);
  }

  /** One change after another: slots are allocated and freed by what the one before left. */
  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#lastChange.then(change, change);
    this.#lastChange = turn.catch(() => undefined);
    return turn;
  }
}

/** What a slot says of whose key it holds. */
const ownerOf = (id: string): Uint8Array => createHash('sha256').update(id).digest();

const corrupt = (id: string): EkoError =>
  new EkoError('CORRUPT_RECORD', `The share ${id} cannot be read any more`, { details: { key: id } });
