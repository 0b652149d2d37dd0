import type { SlotFile } from '../../../network/node-kit/src/slots/slot-file';

const SECTOR_BYTES = 512;

/** A slot file in memory that loses, at a crash, any of the sectors that were not synchronised. */
export class FakeSlotFile implements SlotFile {
  readonly name = 'fake.slots';
  /** What is on disk. */
  #durable: Uint8Array;
  /** What a reader sees. */
  #seen: Uint8Array;

  constructor(bytes: Uint8Array = new Uint8Array(0)) {
    this.#durable = Uint8Array.from(bytes);
    this.#seen = Uint8Array.from(bytes);
  }

  /** The file after a crash: of each sector not synchronised either the old or the new bytes; a longer file stays longer. */
  afterCrash(keepsNew: (sector: number) => boolean): FakeSlotFile {
    const bytes = new Uint8Array(this.#seen.length);
    bytes.set(this.#durable);
    for (let offset = 0; offset < bytes.length; offset += SECTOR_BYTES) {
      if (keepsNew(offset / SECTOR_BYTES))
        bytes.set(this.#seen.subarray(offset, offset + SECTOR_BYTES), offset);
    }
    return new FakeSlotFile(bytes);
  }

  /** What is on disk now. */
  bytes(): Uint8Array {
    return Uint8Array.from(this.#durable);
  }

  async readAll(): Promise<Uint8Array> {
    return Uint8Array.from(this.#seen);
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    return this.#seen.slice(offset, offset + length);
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    const size = Math.max(this.#seen.length, offset + bytes.length);
    const grown = new Uint8Array(size);
    grown.set(this.#seen);
    grown.set(bytes, offset);
    this.#seen = grown;
  }

  async sync(): Promise<void> {
    this.#durable = Uint8Array.from(this.#seen);
  }

  async close(): Promise<void> {
    return Promise.resolve();
  }
}
