import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EkoError } from '@eko/protocol';
import { syncFolder } from '@eko/sdk/node';

/** A file that is changed in place; a fake of it can lose what was not synchronised. */
export interface SlotFile {
  /** Where it lies, for errors. */
  readonly name: string;
  readAll(): Promise<Uint8Array>;
  /** Fewer bytes than asked where the file ends. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** @throws EkoError `STORE_FULL` if the file had to grow and the disk is full */
  write(offset: number, bytes: Uint8Array): Promise<void>;
  /** Resolves once everything written is on disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the file of a store's slots, made empty with mode 0600 if it is missing.
 *
 * It must not be backed up, nor lie on a file system that keeps old versions: overwriting it is what destroys a share.
 *
 * @param openFile - the system's, but for tests that watch what it is asked
 * @throws EkoError `INVALID_CONFIG` if others can read it
 */
export async function openSlotFile(path: string, openFile: typeof open = open): Promise<SlotFile> {
  const handle = await openFile(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  const { mode } = await handle.stat();
  if ((mode & 0o077) !== 0) {
    await handle.close();
    throw new EkoError('INVALID_CONFIG', `${path} can be read by others: chmod 600 it`, {
      details: { file: path },
    });
  }
  syncFolder(dirname(path));
  return new SlotFileOnDisk(path, handle);
}

class SlotFileOnDisk implements SlotFile {
  readonly name: string;
  readonly #handle: FileHandle;

  constructor(name: string, handle: FileHandle) {
    this.name = name;
    this.#handle = handle;
  }

  async readAll(): Promise<Uint8Array> {
    const { size } = await this.#handle.stat();
    return this.read(0, size);
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const { bytesRead } = await this.#handle.read(bytes, done, length - done, offset + done);
      if (bytesRead === 0) return bytes.subarray(0, done);
      done += bytesRead;
    }
    return bytes;
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    try {
      let done = 0;
      while (done < bytes.length) {
        const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, offset + done);
        done += bytesWritten;
      }
    } catch (error) {
      throw new EkoError('STORE_FULL', `${this.name} cannot be written; free some space`, {
        details: { file: this.name },
        cause: error,
      });
    }
  }

  async sync(): Promise<void> {
    await this.#handle.datasync();
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}
