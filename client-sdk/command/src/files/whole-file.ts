import { EkoError } from '@eko/protocol';
import { randomUUID } from 'node:crypto';
import { link, lstat, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf } from '@eko/protocol/node';
import { refuse } from '../system-errors';
import { Device, durable } from './device';
import { ProcessLock } from './process-lock';

/** A file that is there whole or not at all: until then it is `FILE.partial`, which nobody else may write to or take. */
export class WholeFile extends Device {
  readonly #file: string;
  readonly #partial: string;
  readonly #lock: ProcessLock;

  private constructor(file: string, partial: string, handle: FileHandle, lock: ProcessLock) {
    super(partial, handle);
    this.#file = file;
    this.#partial = partial;
    this.#lock = lock;
  }

  /**
   * Begins one.
   *
   * @param onPartial - told of what an earlier reception has left
   * @throws EkoError `BAD_STATE` where another reception into it is under way, `INVALID_ARGUMENT`, `STORE_FULL`
   */
  static async begin(file: string, onPartial: (text: string) => void): Promise<WholeFile> {
    const partial = `${file}.partial`;
    const name = `${partial}.lock`;
    const lock = await ProcessLock.take(name).catch(refuse(partial));
    if (lock === undefined) throw heldError(name);
    try {
      const left = await lstat(partial).catch(() => undefined);
      if (left !== undefined) {
        const since = left.mtime.toISOString();
        onPartial(
          `${partial} is there (${left.size} bytes, ${since}): an earlier reception broke off; it begins anew`,
        );
        // A file of its own, whoever still writes into the old one.
        await rm(partial).catch(refuse(partial));
      }
      const handle = await open(partial, 'wx', 0o600).catch(refuse(partial));
      return new WholeFile(file, partial, handle, lock);
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  override async keep(): Promise<void> {
    await durable(this.#partial, () => this.handle.sync());
    const own = await this.#takeAside();
    if (own === undefined) {
      throw new EkoError('BAD_STATE', `${this.#partial} was replaced by another file: name another one`);
    }
    try {
      await rename(own, this.#file).catch(refuse(this.#file));
    } catch (error) {
      await rm(own, { force: true });
      throw error;
    }
    await this.handle.close();
    await this.#lock.release();
    const folder = await open(dirname(this.#file), 'r');
    try {
      await durable(basename(this.#file), () => folder.sync());
    } finally {
      await folder.close();
    }
  }

  override async drop(): Promise<void> {
    const own = await this.#takeAside().catch(() => undefined);
    if (own !== undefined) await rm(own, { force: true });
    await super.drop();
    await this.#lock.release();
  }

  /**
   * Gives the own file a name that nobody else knows, and answers it; nothing where the file of the known name is not
   * the own one. To look first and rename then would leave a moment in which another takes its place.
   */
  async #takeAside(): Promise<string | undefined> {
    // Not the own name with something behind it: that may be as long as names can be.
    const aside = join(dirname(this.#partial), `${randomUUID()}.partial`);
    const own = await this.handle.stat();
    try {
      await rename(this.#partial, aside);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      return refuse(this.#partial)(error);
    }
    const moved = await lstat(aside);
    if (moved.ino === own.ino && moved.dev === own.dev) return aside;
    // Somebody else's: back to its place, if that is free still.
    await link(aside, this.#partial).catch(() => undefined);
    await rm(aside, { force: true });
    return undefined;
  }
}

function heldError(lock: string): EkoError {
  const text = `Another reception into this file is under way: ${lock} names its process`;
  return new EkoError('BAD_STATE', text, {
    details: {
      file: lock,
      next: 'wait for it to end, or name another file; if that process is no more, remove the file that names it',
    },
  });
}
