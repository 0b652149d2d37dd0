import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { EkoError } from '@eko/protocol';

/** Magic, length of the body, checksum of the body, checksum of these three. */
const HEADER_BYTES = 16;
const MAGIC = 0x454b4f42;
/** A longer block was never written here. */
const MAX_BLOCK_BYTES = 256 * 1024 * 1024;

interface Place {
  readonly offset: number;
  readonly length: number;
}

/**
 * Blocks in one append-only file.
 *
 * A record that the file ends within was being written when the process stopped, and nobody was told of it: it is cut.
 * Everything else that is not as it was written is refused. A whole record with a wrong checksum is never cut, not
 * even the last one, because it may have been answered for.
 */
export class BlockFile {
  readonly #file: FileHandle;
  readonly #places: Place[];
  #end: number;

  private constructor(file: FileHandle, places: Place[], end: number) {
    this.#file = file;
    this.#places = places;
    this.#end = end;
  }

  /**
   * Opens or makes the file and shows every block in it, in order.
   *
   * @throws EkoError `CORRUPT_RECORD` naming the block and where it is
   */
  static async open(path: string, onBlock: (body: Buffer, blockNumber: number) => void): Promise<BlockFile> {
    const file = await open(path, 'a+', 0o600);
    try {
      await syncFolder(path);
      const places: Place[] = [];
      const { size } = await file.stat();
      let end = 0;
      for (;;) {
        const body = await readRecord(file, end, size, places.length);
        if (body === undefined) break;
        onBlock(body, places.length);
        places.push({ offset: end + HEADER_BYTES, length: body.length });
        end += HEADER_BYTES + body.length;
      }
      if (end < size) {
        await file.truncate(end);
        await file.datasync();
      }
      return new BlockFile(file, places, end);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** The number of blocks in the file. */
  get height(): number {
    return this.#places.length;
  }

  /** Appends a block; when this returns, it is on the disk. */
  async append(body: Uint8Array): Promise<void> {
    const record = Buffer.concat([encodeHeader(body), body]);
    await this.#file.appendFile(record);
    await this.#file.datasync();
    this.#places.push({ offset: this.#end + HEADER_BYTES, length: body.length });
    this.#end += record.length;
  }

  /**
   * Reads one block back.
   *
   * @throws EkoError `CORRUPT_RECORD` if it is no longer as it was written
   */
  async read(blockNumber: number): Promise<Buffer> {
    const place = this.#places[blockNumber];
    if (place === undefined) throw new RangeError(`there is no block ${blockNumber}`);
    const body = await readRecord(this.#file, place.offset - HEADER_BYTES, this.#end, blockNumber);
    if (body?.length !== place.length) throw corrupt(blockNumber, place.offset - HEADER_BYTES);
    return body;
  }

  /** Closes the file. */
  async close(): Promise<void> {
    await this.#file.close();
  }
}

function encodeHeader(body: Uint8Array): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(MAGIC, 0);
  header.writeUInt32BE(body.length, 4);
  header.writeUInt32BE(crc32(body), 8);
  header.writeUInt32BE(crc32(header.subarray(0, 12)), 12);
  return header;
}

/** The record at `offset`; nothing when the file ends before the record does. */
async function readRecord(
  file: FileHandle,
  offset: number,
  size: number,
  blockNumber: number,
): Promise<Buffer | undefined> {
  if (size - offset < HEADER_BYTES) return undefined;
  const header = await readExactly(file, offset, HEADER_BYTES);
  const length = header.readUInt32BE(4);
  const isHeader =
    header.readUInt32BE(0) === MAGIC &&
    header.readUInt32BE(12) === crc32(header.subarray(0, 12)) &&
    length <= MAX_BLOCK_BYTES;
  if (!isHeader) throw corrupt(blockNumber, offset);
  if (size - offset - HEADER_BYTES < length) return undefined;
  const body = await readExactly(file, offset + HEADER_BYTES, length);
  if (header.readUInt32BE(8) !== crc32(body)) throw corrupt(blockNumber, offset);
  return body;
}

async function readExactly(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, offset);
  if (bytesRead !== length) throw new RangeError(`read ${bytesRead} of ${length} bytes at ${offset}`);
  return buffer;
}

function corrupt(blockNumber: number, offset: number): EkoError {
  return new EkoError(
    'CORRUPT_RECORD',
    `block ${blockNumber} of the ledger file is not as it was written; restore the file from a copy`,
    { details: { block: blockNumber, offset } },
  );
}

/** Makes a new file's name durable. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
