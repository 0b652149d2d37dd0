import type { FileHandle } from 'node:fs/promises';
import { codeOf } from '@eko/protocol/node';
import { writeError } from '../system-errors';

/** What a pipe or a terminal answers to the wish to be durable. */
const NEVER_DURABLE: readonly string[] = ['EINVAL', 'ENOTSUP', 'EROFS', 'EBADF'];

/** Where received bytes go to. */
export interface ByteTarget {
  /** Writes a chunk; resolves when the system has taken it. */
  write(chunk: Uint8Array): Promise<void>;
  /** Makes everything durable and puts a whole file in its place. */
  keep(): Promise<void>;
  /** Takes away what was written of a file. */
  drop(): Promise<void>;
}

/** A device, a pipe or an open file as the place for received bytes. */
export class Device implements ByteTarget {
  protected readonly name: string;
  protected readonly handle: FileHandle;

  constructor(name: string, handle: FileHandle) {
    this.name = name;
    this.handle = handle;
  }

  async write(chunk: Uint8Array): Promise<void> {
    try {
      for (let rest = chunk; rest.length > 0;)
        rest = rest.subarray((await this.handle.write(rest)).bytesWritten);
    } catch (error) {
      throw writeError(this.name, error);
    }
  }

  async keep(): Promise<void> {
    await durable(this.name, () => this.handle.sync());
    await this.handle.close();
  }

  async drop(): Promise<void> {
    await this.handle.close().catch(() => undefined);
  }
}

/**
 * Makes what was written durable, where the place can be.
 *
 * @throws EkoError `STORE_FULL`, `INVALID_ARGUMENT`
 */
export async function durable(name: string, sync: () => Promise<void>): Promise<void> {
  try {
    await sync();
  } catch (error) {
    if (!NEVER_DURABLE.includes(codeOf(error))) throw writeError(name, error);
  }
}
