import { createHash } from 'node:crypto';
import { EkoError, SecretBytes } from '@eko/protocol';
import { equalBytes } from '@eko/protocol/encoding';
import { KeySlots, type SlotWrite } from './key-slots';
import { NONCE_BYTES, OWNER_BYTES, SECRET_BYTES, type Slot } from './slot-codec';
import type { SlotFile } from './slot-file';
import { Turns } from '../process/turns';
import { SlotCipher, newNonces } from './slot-ciphers';

/** A small secret under the name of its place. */
export interface SlotRecord<Label extends string> {
  readonly id: string;
  /** At most 64 bytes. */
  readonly bytes: SecretBytes<Label>;
}

/** Where a slot store keeps its secrets. */
export interface SlotStoreOptions<Label extends string> {
  /** From `openSlotFile`. The slot store closes it. */
  readonly slotFile: SlotFile;
  /** Read while opening only. */
  readonly storeKey: SecretBytes<'store key'>;
  /** What the secrets are called in errors. */
  readonly label: Label;
  /** Slots of a new file; it doubles when they are used up. */
  readonly slots?: number;
}

/** An owner's slot, and whether its secret is still there. */
interface Place {
  readonly slot: number;
  readonly owner: Uint8Array;
  readonly isLive: boolean;
}

const DEFAULT_SLOTS = 8192;

/**
 * Small secrets at rest, each sealed in a slot of its own whose overwriting destroys it.
 *
 * A change is on disk before it is answered, and a slot is written whole or not at all; so a crash never loses an
 * acknowledged secret nor brings back one that was shredded. Overwriting in place destroys as far as the disk does
 * what it is told: not on file systems that keep old versions, nor in the spare cells of flash memory, where only the
 * sealing under the store key stands.
 */
export class SlotStore<Label extends string> {
  readonly #cipher: SlotCipher;
  readonly #slots: KeySlots;
  readonly #label: Label;
  /** By the owner's name in hex. */
  readonly #places = new Map<string, Place>();
  /** What the file held when it was opened, until it is known what of it is wanted. */
  readonly #found: Slot[];
  /** Whether the file was made just now. */
  readonly isNew: boolean;
  /** Ids that somebody speaks for and that no slot holds, by the owner's name: their slots are damaged. */
  readonly #lost = new Set<string>();
  /** Slots of puts that failed: taken until they are emptied, for what was put may be on the disk. */
  readonly #failed = new Set<number>();
  /** One change after another: slots are allocated and freed by what the one before left. */
  readonly #changes = new Turns();

  private constructor(
    cipher: SlotCipher,
    slots: KeySlots,
    found: readonly Slot[],
    label: Label,
    isNew: boolean,
  ) {
    this.#cipher = cipher;
    this.#slots = slots;
    this.#found = [...found];
    this.#label = label;
    this.isNew = isNew;
  }

  /**
   * Opens the store. Follow with `keepOnly`: until then, slots that nobody speaks for stay taken.
   *
   * @throws EkoError `CORRUPT_RECORD` if the file is damaged as a whole, `INVALID_CONFIG` if it belongs to another store
   *   key
   */
  static async open<Label extends string>(options: SlotStoreOptions<Label>): Promise<SlotStore<Label>> {
    const { slotFile, storeKey, label, slots: count = DEFAULT_SLOTS } = options;
    const cipher = new SlotCipher(storeKey);
    const { slots, found, isNew } = await KeySlots.open(slotFile, cipher.storeKeyCheck, count);
    const secrets = new SlotStore(cipher, slots, found, label, isNew);
    secrets.#learn();
    return secrets;
  }

  /** How many secrets there are. */
  get size(): number {
    let count = 0;
    for (const { isLive } of this.#places.values()) if (isLive) count += 1;
    return count;
  }

  /** Whether an id's secret is there, was destroyed and not yet forgotten, is lost (`keepOnly`), or is unknown. */
  stateOf(id: string): 'live' | 'shredded' | 'lost' | undefined {
    const name = nameOf(ownerOf(id));
    const place = this.#places.get(name);
    if (place === undefined) return this.#lost.has(name) ? 'lost' : undefined;
    return place.isLive ? 'live' : 'shredded';
  }

  /**
   * Stores all secrets durably, in one write; an id that is there is replaced. Whatever it throws, none of them is there
   * then, and what reached the disk all the same goes before any later `put`, `shred` or `destroy` resolves.
   *
   * @throws EkoError `STORE_FULL`
   */
  async put(records: readonly SlotRecord<Label>[]): Promise<void> {
    if (records.length === 0) return;
    await this.#changes.take(async () => {
      const owned = records.map(({ id, bytes }) => ({ owner: ownerOf(id), bytes }));
      const without = owned.filter(({ owner }) => !this.#places.has(nameOf(owner))).length;
      const free = [...(await this.#slots.allocate(without))];
      const nonces = newNonces(owned.length);
      const writes = owned.map(({ owner, bytes }, index) => {
        const number = this.#places.get(nameOf(owner))?.slot ?? free.shift() ?? 0;
        const nonce = nonces.subarray(index * NONCE_BYTES, (index + 1) * NONCE_BYTES);
        const secret = bytes.use((plain) => this.#cipher.seal(within(plain), number, owner, nonce));
        return { number, slot: { kind: 'live' as const, owner, secret } };
      });
      try {
        await this.#writeAndEmpty(writes);
      } catch (error) {
        for (const { owner } of owned) this.#places.delete(nameOf(owner));
        for (const { number } of writes) this.#failed.add(number);
        throw error;
      }
      for (const { number, slot } of writes) {
        const name = nameOf(slot.owner);
        this.#places.set(name, { slot: number, owner: slot.owner, isLive: true });
        this.#lost.delete(name);
      }
    });
  }

  /**
   * Reads secrets; the caller disposes of them. Ids that are not there are left out.
   *
   * @throws EkoError `CORRUPT_RECORD` naming the id
   */
  async get(ids: readonly string[]): Promise<readonly SlotRecord<Label>[]> {
    const wanted = ids.flatMap((id) => {
      const name = nameOf(ownerOf(id));
      if (this.#lost.has(name)) throw unreadable(this.#label, id);
      const place = this.#places.get(name);
      return place?.isLive === true ? [{ id, place }] : [];
    });
    const slots = await this.#slots.read(wanted.map(({ place }) => place.slot));
    const records: SlotRecord<Label>[] = [];
    try {
      for (const { id, place } of wanted) {
        // What was shredded meanwhile is not there, whatever was read of it.
        if (this.#places.get(nameOf(place.owner))?.isLive !== true) continue;
        const secret = this.#open(place, slots.get(place.slot));
        if (secret === undefined) throw unreadable(this.#label, id);
        records.push({ id, bytes: new SecretBytes(this.#label, secret) });
      }
    } catch (error) {
      for (const { bytes } of records) bytes.dispose();
      throw error;
    }
    return records;
  }

  /** Destroys secrets for good, also on a full disk; ids that are not there are fine. */
  async shred(ids: readonly string[]): Promise<void> {
    await this.destroy(ids);
    this.forget(ids);
  }

  /** Destroys secrets like `shred`, and remembers over a crash that they were: until `forget`, or `keepOnly` without them. */
  async destroy(ids: readonly string[]): Promise<void> {
    await this.#changes.take(async () => {
      const places = this.#placesOf(ids);
      for (const place of places) this.#places.set(nameOf(place.owner), { ...place, isLive: false });
      if (places.length === 0 && this.#failed.size === 0) return;
      await this.#writeAndEmpty(
        places.map(({ slot, owner }) => ({ number: slot, slot: { kind: 'shredded', owner } })),
      );
    });
  }

  /** Lets the slots of destroyed secrets be used again. */
  forget(ids: readonly string[]): void {
    for (const id of ids) this.#lost.delete(nameOf(ownerOf(id)));
    const places = this.#placesOf(ids).filter(({ isLive }) => !isLive);
    for (const { owner } of places) this.#places.delete(nameOf(owner));
    this.#slots.release(places.map(({ slot }) => slot));
  }

  /**
   * Empties every slot but those of the given ids: destroys what nobody speaks for. What is spoken for and not there is
   * lost: `get` says so. Once, after opening.
   */
  async keepOnly(ids: Iterable<string>): Promise<void> {
    await this.#changes.take(async () => {
      const found = this.#found.splice(0);
      const kept = new Set([...ids].map((id) => nameOf(ownerOf(id))));
      for (const name of [...this.#places.keys()]) if (!kept.has(name)) this.#places.delete(name);
      for (const name of kept) if (!this.#places.has(name)) this.#lost.add(name);
      const taken = new Set([...[...this.#places.values()].map(({ slot }) => slot), ...this.#failed]);
      const spare = [...found.keys()].filter((number) => !taken.has(number));
      const used = spare.filter((number) => found[number]?.kind !== 'empty');
      if (used.length > 0) {
        await this.#slots.write(used.map((number) => ({ number, slot: { kind: 'empty' } })));
      }
      this.#slots.release(spare);
    });
  }

  /** Waits for changes under way and closes the file. */
  async close(): Promise<void> {
    await this.#changes.take(() => this.#slots.close());
  }

  /** Writes these slots, and empties in the same write those of puts that failed. */
  async #writeAndEmpty(writes: readonly SlotWrite[]): Promise<void> {
    const failed = [...this.#failed];
    await this.#slots.write([
      ...writes,
      ...failed.map((number) => ({ number, slot: { kind: 'empty' as const } })),
    ]);
    this.#failed.clear();
    this.#slots.release(failed);
  }

  #learn(): void {
    this.#found.forEach((slot, number) => {
      if (slot.kind !== 'live' && slot.kind !== 'shredded') return;
      const { owner } = slot;
      this.#places.set(nameOf(owner), { slot: number, owner, isLive: slot.kind === 'live' });
    });
  }

  #placesOf(ids: readonly string[]): readonly Place[] {
    return [...new Set(ids)].flatMap((id) => this.#places.get(nameOf(ownerOf(id))) ?? []);
  }

  #open({ slot, owner }: Place, found: Slot | undefined): Uint8Array | undefined {
    if (found?.kind !== 'live' || !equalBytes(found.owner, owner)) return undefined;
    return this.#cipher.open(found.secret, slot, owner);
  }
}

/** What a slot says of whose secret it holds. */
function ownerOf(id: string): Uint8Array {
  return createHash('sha256').update(id).digest().subarray(0, OWNER_BYTES);
}

const nameOf = (owner: Uint8Array): string => Buffer.from(owner).toString('latin1');

function within(secret: Uint8Array): Uint8Array {
  if (secret.length > SECRET_BYTES) throw new RangeError(`A slot holds ${SECRET_BYTES} bytes at most`);
  return secret;
}

/** Of what is there, or should be, and does not open. */
export function unreadable(label: string, id: string): EkoError {
  return new EkoError('CORRUPT_RECORD', `The ${label} ${id} cannot be read any more`, {
    details: { key: id },
  });
}
