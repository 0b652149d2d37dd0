import { EkoError } from '@eko/protocol';
import { constants, fsync as fsyncFd } from 'node:fs';
import { open, rename, rm, stat, lstat, type FileHandle } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { promisify } from 'node:util';
import { NO_ROOM, codeOf, writeError } from '../terminal/write-error';
import { unusable } from './file-ends';

/** Where received bytes go to. */
export interface ByteTarget {
  /** Writes a chunk; resolves when the system has taken it. */
  write(chunk: Uint8Array): Promise<void>;
  /** Makes everything durable and puts a whole file in its place. */
  keep(): Promise<void>;
  /** Takes away what was written of a file. */
  drop(): Promise<void>;
}

const fsync = promisify(fsyncFd);
/** What a pipe or a terminal answers to the wish to be durable. */
const NEVER_DURABLE: readonly string[] = ['EINVAL', 'ENOTSUP', 'EROFS', 'EBADF'];

/**
 * Opens standard output for `-`, a device or a pipe itself, and for everything else `FILE.partial`, which becomes FILE
 * only when it is whole and durable.
 *
 * @param onPartial - told of what an earlier reception has left
 * @throws EkoError `INVALID_ARGUMENT` for a place that cannot be written, `STORE_FULL`
 */
export async function openTarget(file: string, onPartial: (text: string) => void): Promise<ByteTarget> {
  if (file === '-') return new StandardOutput();
  const present = await stat(file).catch(() => undefined);
  if (present?.isDirectory() === true) throw unusable(file, 'is a folder');
  if (present !== undefined && !present.isFile()) {
    return new Device(file, await openDevice(file));
  }
  const partial = `${file}.partial`;
  const left = await lstat(partial).catch(() => undefined);
  if (left !== undefined) {
    const since = left.mtime.toISOString();
    onPartial(
      `${partial} is there (${left.size} bytes, ${since}): an earlier reception broke off; it begins anew`,
    );
    // A file of its own, whoever still writes into the old one.
    await rm(partial).catch(refuse(partial));
  }
  return new WholeFile(file, partial, await open(partial, 'wx', 0o600).catch(refuse(partial)));
}

/** To open a pipe that nobody reads would wait for a reader, and keep the process from ever ending: that is refused. */
async function openDevice(file: string): Promise<FileHandle> {
  const present = await open(file, constants.O_WRONLY | constants.O_NONBLOCK).catch((error: unknown) => {
    throw unusable(
      file,
      codeOf(error) === 'ENXIO' ? 'is a pipe that nobody reads' : 'cannot be written',
      error,
    );
  });
  try {
    return await open(file, 'w').catch(refuse(file));
  } finally {
    await present.close();
  }
}

/** Standard output, from which nothing can be taken back. */
class StandardOutput implements ByteTarget {
  constructor() {
    // For other commands a reader that leaves is no failure. Here it is one, and each write tells of it.
    process.stdout.removeAllListeners('error').on('error', () => undefined);
  }

  write(chunk: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      process.stdout.write(chunk, (error) => {
        if (error) reject(writeError('standard output', error));
        else resolve();
      });
    });
  }

  async keep(): Promise<void> {
    await durable('standard output', () => fsync(process.stdout.fd));
  }

  drop(): Promise<void> {
    return Promise.resolve();
  }
}

/** A device or a pipe. */
class Device implements ByteTarget {
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

/** A file that is there whole or not at all. */
class WholeFile extends Device {
  readonly #file: string;
  readonly #partial: string;

  constructor(file: string, partial: string, handle: FileHandle) {
    super(partial, handle);
    this.#file = file;
    this.#partial = partial;
  }

  override async keep(): Promise<void> {
    await durable(this.#partial, () => this.handle.sync());
    const [own, there] = await Promise.all([this.handle.stat(), lstat(this.#partial).catch(() => undefined)]);
    if (there?.ino !== own.ino || there.dev !== own.dev) {
      throw new EkoError('BAD_STATE', `${this.#partial} belongs to another reception now: name another file`);
    }
    await rename(this.#partial, this.#file).catch(refuse(this.#file));
    await this.handle.close();
    const folder = await open(dirname(this.#file), 'r');
    try {
      await durable(basename(this.#file), () => folder.sync());
    } finally {
      await folder.close();
    }
  }

  override async drop(): Promise<void> {
    const own = await this.handle.stat().catch(() => undefined);
    await super.drop();
    const there = await lstat(this.#partial).catch(() => undefined);
    if (own !== undefined && there?.ino === own.ino) await rm(this.#partial, { force: true });
  }
}

async function durable(name: string, sync: () => Promise<void>): Promise<void> {
  try {
    await sync();
  } catch (error) {
    if (!NEVER_DURABLE.includes(codeOf(error))) throw writeError(name, error);
  }
}

const refuse =
  (file: string) =>
  (error: unknown): never => {
    throw NO_ROOM.includes(codeOf(error))
      ? writeError(file, error)
      : unusable(file, 'cannot be written', error);
  };
