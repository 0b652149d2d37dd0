import { EkoError } from '@eko/protocol';
import { concatBytes, equalBytes } from '@eko/protocol/encoding';
import {
  SLOT_BYTES,
  decodeSlot,
  decodeSlotFileHeader,
  encodeSlot,
  encodeSlotFileHeader,
  type Slot,
} from './slot-codec';
import type { SlotFile } from './slot-file';

/** A slot to be written. */
export interface SlotWrite {
  readonly number: number;
  readonly slot: Exclude<Slot, { kind: 'damaged' }>;
}

/** What a slot file holds when it is opened. */
export interface OpenedSlots {
  readonly slots: KeySlots;
  /** By number. */
  readonly found: readonly Slot[];
  /** Whether the file was made just now. */
  readonly isNew: boolean;
}

const MAX_CAPACITY = 1 << 22;

/** The numbered slots of a file: allocated, written in place, read. */
export class KeySlots {
  readonly #file: SlotFile;
  readonly #storeKeyCheck: Uint8Array;
  #capacity: number;
  /** Free numbers, the lowest last, so that neighbours are taken together and written at once. */
  #free: number[] = [];

  private constructor(file: SlotFile, storeKeyCheck: Uint8Array, capacity: number) {
    this.#file = file;
    this.#storeKeyCheck = storeKeyCheck;
    this.#capacity = capacity;
  }

  /**
   * Opens the file, or lays it out if it has no header yet: its whole size is taken from the disk then, so that
   * destroying never needs more.
   *
   * @throws EkoError `CORRUPT_RECORD` if header and file do not fit, `INVALID_CONFIG` if it belongs to another store key
   */
  static async open(file: SlotFile, storeKeyCheck: Uint8Array, newCapacity: number): Promise<OpenedSlots> {
    const bytes = await file.readAll();
    const isNew = bytes.subarray(0, SLOT_BYTES).every((byte) => byte === 0);
    if (isNew) {
      const slots = new KeySlots(file, storeKeyCheck, 0);
      await slots.#grow(newCapacity);
      return { slots, found: [], isNew };
    }
    const header = decodeSlotFileHeader(bytes.subarray(0, SLOT_BYTES));
    if (header === undefined || bytes.length < (header.capacity + 1) * SLOT_BYTES) {
      throw new EkoError(
        'CORRUPT_RECORD',
        `${file.name} is damaged or cut short; restore it or retire the node`,
        {
          details: { file: file.name },
        },
      );
    }
    if (!equalBytes(header.storeKeyCheck, storeKeyCheck)) {
      throw new EkoError('INVALID_CONFIG', `${file.name} belongs to another store key`, {
        details: { file: file.name },
      });
    }
    const found = Array.from({ length: header.capacity }, (_, number) =>
      decodeSlot(bytes.subarray(offsetOf(number), offsetOf(number) + SLOT_BYTES)),
    );
    return { slots: new KeySlots(file, storeKeyCheck, header.capacity), found, isNew };
  }

  /** Takes free slots, growing the file if there are too few. */
  async allocate(count: number): Promise<readonly number[]> {
    while (this.#free.length < count) await this.#grow(Math.max(1, this.#capacity * 2));
    return Array.from({ length: count }, () => this.#free.pop() ?? 0);
  }

  /** Gives slots back. */
  release(numbers: readonly number[]): void {
    if (numbers.length === 0) return;
    this.#free = mergeDescending(
      this.#free,
      [...numbers].sort((a, b) => b - a),
    );
  }

  /** Writes slots in place, neighbours together, and waits until they are on disk. */
  async write(writes: readonly SlotWrite[]): Promise<void> {
    const sorted = [...writes].sort((a, b) => a.number - b.number);
    let run: SlotWrite[] = [];
    for (const write of sorted) {
      const last = run.at(-1);
      if (last !== undefined && write.number !== last.number + 1) {
        await this.#writeRun(run);
        run = [];
      }
      run.push(write);
    }
    await this.#writeRun(run);
    await this.#file.sync();
  }

  /** What slots hold now, by number: neighbours are read at once. */
  async read(numbers: readonly number[]): Promise<ReadonlyMap<number, Slot>> {
    const found = new Map<number, Slot>();
    await Promise.all(
      runsOf(numbers).map(async ({ first, last }) => {
        const bytes = await this.#file.read(offsetOf(first), (last - first + 1) * SLOT_BYTES);
        for (let number = first; number <= last; number += 1) {
          const start = offsetOf(number) - offsetOf(first);
          found.set(number, decodeSlot(bytes.subarray(start, start + SLOT_BYTES)));
        }
      }),
    );
    return found;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async #writeRun(run: readonly SlotWrite[]): Promise<void> {
    const [first] = run;
    if (first === undefined) return;
    await this.#file.write(offsetOf(first.number), concatBytes(...run.map(({ slot }) => encodeSlot(slot))));
  }

  /** Zeros first, then the header that counts them: a crash between leaves the old size. */
  async #grow(capacity: number): Promise<void> {
    if (capacity > MAX_CAPACITY) {
      throw new EkoError('STORE_FULL', `${this.#file.name} holds as many keys as it can`, {
        details: { file: this.#file.name, capacity: this.#capacity },
      });
    }
    await this.#file.write(
      offsetOf(this.#capacity),
      new Uint8Array((capacity - this.#capacity) * SLOT_BYTES),
    );
    await this.#file.sync();
    await this.#file.write(0, encodeSlotFileHeader({ capacity, storeKeyCheck: this.#storeKeyCheck }));
    await this.#file.sync();
    const added = Array.from({ length: capacity - this.#capacity }, (_, index) => capacity - 1 - index);
    this.#capacity = capacity;
    this.release(added);
  }
}

/** A gap between wanted slots that is cheaper to read than to leave out. */
const READ_GAP = 8;

/** Numbers as spans of the file, in order; near ones share a span. */
function runsOf(numbers: readonly number[]): readonly { readonly first: number; readonly last: number }[] {
  const runs: { first: number; last: number }[] = [];
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run !== undefined && number - run.last <= READ_GAP) run.last = number;
    else runs.push({ first: number, last: number });
  }
  return runs;
}

/** Two lists as one; sorting all of them again would take most of the time of a shred. */
function mergeDescending(left: readonly number[], right: readonly number[]): number[] {
  const merged: number[] = [];
  let at = 0;
  for (const number of right) {
    for (let other = left[at]; other !== undefined && other > number; other = left[at]) {
      merged.push(other);
      at += 1;
    }
    merged.push(number);
  }
  return merged.concat(left.slice(at));
}

const offsetOf = (number: number): number => (number + 1) * SLOT_BYTES;
