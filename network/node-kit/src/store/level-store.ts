import { chmod, mkdir, readdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { EkoError } from '@eko/protocol';
import { ClassicLevel } from 'classic-level';
import {
  checkStoreKey,
  type BatchOptions,
  type KeyValueStore,
  type StoreEntry,
  type StoreOperation,
  type StoreRange,
} from './key-value-store';

/** How a store lies on disk. */
export interface LevelStoreOptions {
  /** Free space below which writes are refused, so that compaction and deletions still have room. */
  readonly reserveBytes?: number;
  /** Free bytes on the disk of a folder; `statfs` by default. */
  readonly freeBytes?: (directory: string) => Promise<number>;
  /** Makes the database below; LevelDB by default. */
  readonly newLevel?: (directory: string, options: LevelOptions) => Level;
}

/** Opening and compacting need room for the write buffer several times over. */
const DEFAULT_RESERVE_BYTES = 16 * 1024 * 1024;
/** With more room than so many reserves, the disk is asked no more often than this. */
const AMPLE_RESERVES = 8;
const FREE_BYTES_HOLD_MS = 500;
/** Kept small: a node holds little, and its memory is counted. */
const CACHE_BYTES = 2 * 1024 * 1024;
const WRITE_BUFFER_BYTES = 1024 * 1024;

type Level = ClassicLevel<string, Uint8Array>;
/** The settings of the database below. */
export type LevelOptions = NonNullable<ConstructorParameters<typeof ClassicLevel<string, Uint8Array>>[1]>;

/**
 * Opens the store in a folder (mode 0700, made if it is missing, its files 0600), with the lock that keeps a second writer out.
 *
 * A store that once failed to write refuses further writes until it is opened again: its log may end in half a record,
 * and what was appended after that could be lost with it. Reads go on.
 *
 * @throws EkoError `BAD_STATE` if another process has it open; `STORE_FULL` if the disk is full; `CORRUPT_RECORD` if it
 *   cannot be read
 */
export async function openLevelStore(
  directory: string,
  options: LevelStoreOptions = {},
): Promise<KeyValueStore> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await chmod(directory, 0o700);
  const newLevel = options.newLevel ?? ((place, settings) => new ClassicLevel(place, settings));
  const level = newLevel(directory, {
    keyEncoding: 'utf8',
    valueEncoding: 'view',
    cacheSize: CACHE_BYTES,
    writeBufferSize: WRITE_BUFFER_BYTES,
  });
  try {
    await level.open();
    // Those of earlier starts too; what a running node writes is private by the mask of its process.
    for (const file of await readdir(directory)) await makePrivate(join(directory, file));
  } catch (error) {
    throw openFailure(directory, error);
  }
  return new LevelStore(level, directory, options);
}

class LevelStore implements KeyValueStore {
  readonly #level: Level;
  readonly #directory: string;
  readonly #reserveBytes: number;
  readonly #freeBytes: (directory: string) => Promise<number>;
  #failure: unknown;
  #free = 0;
  #freeAskedAtMs = Number.NEGATIVE_INFINITY;

  constructor(level: Level, directory: string, options: LevelStoreOptions) {
    this.#level = level;
    this.#directory = directory;
    this.#reserveBytes = options.reserveBytes ?? DEFAULT_RESERVE_BYTES;
    this.#freeBytes = options.freeBytes ?? freeBytesOf;
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    checkStoreKey(key);
    try {
      return copyOf(await this.#level.get(key));
    } catch (error) {
      throw readFailure(error, key);
    }
  }

  async getMany(keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[]> {
    for (const key of keys) checkStoreKey(key);
    try {
      return (await this.#level.getMany([...keys])).map(copyOf);
    } catch (error) {
      throw readFailure(error, keys[0] ?? '');
    }
  }

  async batch(operations: readonly StoreOperation[], options: BatchOptions = {}): Promise<void> {
    let sizeBytes = 0;
    for (const operation of operations) {
      checkStoreKey(operation.key);
      sizeBytes += operation.kind === 'put' ? operation.key.length + operation.value.length : 0;
    }
    await this.#refuseWhenFull(sizeBytes);
    try {
      await this.#level.batch(operations.map(levelOperation), { sync: options.sync ?? true });
    } catch (error) {
      if (codeOf(error) === 'LEVEL_DATABASE_NOT_OPEN') throw closedFailure(error);
      this.#failure = error;
      throw this.#writeFailure();
    }
  }

  async *list(range: StoreRange = {}): AsyncIterable<StoreEntry> {
    let last = range.prefix ?? '';
    try {
      for await (const [key, value] of this.#level.iterator(boundsOf(range))) {
        last = key;
        yield { key, value: Uint8Array.from(value) };
      }
    } catch (error) {
      throw readFailure(error, last);
    }
  }

  async *keys(range: StoreRange = {}): AsyncIterable<string> {
    let last = range.prefix ?? '';
    try {
      for await (const key of this.#level.keys(boundsOf(range))) {
        last = key;
        yield key;
      }
    } catch (error) {
      throw readFailure(error, last);
    }
  }

  async close(): Promise<void> {
    await this.#level.close();
  }

  /** Deletions alone may use the reserve. */
  async #refuseWhenFull(sizeBytes: number): Promise<void> {
    if (this.#failure !== undefined) throw this.#writeFailure();
    if (sizeBytes === 0) return;
    if ((await this.#knownFreeBytes(sizeBytes)) >= this.#reserveBytes) return;
    throw new EkoError(
      'STORE_FULL',
      `The disk of ${this.#directory} has less than ${this.#reserveBytes} bytes to spare; free some space`,
      { details: { directory: this.#directory, reserveBytes: this.#reserveBytes } },
    );
  }

  /** Free bytes after a write of so many; while there is ample room, the answer of a moment ago less what was written. */
  async #knownFreeBytes(sizeBytes: number): Promise<number> {
    const nowMs = performance.now();
    const isAmple = this.#free - sizeBytes >= this.#reserveBytes * AMPLE_RESERVES;
    if (!isAmple || nowMs - this.#freeAskedAtMs > FREE_BYTES_HOLD_MS) {
      this.#free = await this.#freeBytes(this.#directory);
      this.#freeAskedAtMs = nowMs;
    }
    this.#free -= sizeBytes;
    return this.#free;
  }

  #writeFailure(): EkoError {
    return new EkoError(
      'STORE_FULL',
      `The store ${this.#directory} failed to write and takes no more until the node is restarted`,
      { details: { directory: this.#directory }, cause: this.#failure },
    );
  }
}

/** LevelDB's order, which is not that of JavaScript's strings above U+FFFF. */
const byUtf8 = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/**
 * Where a range begins and ends. The end counts: without one, an iterator reads ahead whatever lies behind the range.
 */
function boundsOf({ prefix = '', after }: StoreRange): { gt?: string; gte?: string; lt?: string } {
  const start = after !== undefined && byUtf8(after, prefix) >= 0 ? { gt: after } : { gte: prefix };
  const end = prefixEnd(prefix);
  return end === undefined ? start : { ...start, lt: end };
}

const LAST_CHARACTER = 0x10ffff;

/** The first text, by UTF-8, behind all that begin with a prefix; `undefined` where there is none. */
function prefixEnd(prefix: string): string | undefined {
  const characters = Array.from(prefix);
  while (characters.length > 0) {
    const code = characters.pop()?.codePointAt(0) ?? LAST_CHARACTER;
    if (code === LAST_CHARACTER) continue;
    // Half characters are no text: the one behind U+D7FF is U+E000.
    return characters.join('') + String.fromCodePoint(code === 0xd7ff ? 0xe000 : code + 1);
  }
  return undefined;
}

const copyOf = (value: Uint8Array | undefined): Uint8Array | undefined =>
  value === undefined ? undefined : Uint8Array.from(value);

const levelOperation = (operation: StoreOperation) =>
  operation.kind === 'put'
    ? { type: 'put' as const, key: operation.key, value: operation.value }
    : { type: 'del' as const, key: operation.key };

async function freeBytesOf(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

/** The library wraps the native error once on opening. */
function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const inner = 'cause' in error ? codeOf(error.cause) : undefined;
  return inner ?? ('code' in error ? String(error.code) : undefined);
}

function openFailure(directory: string, error: unknown): EkoError {
  const options = { details: { directory }, cause: error };
  if (codeOf(error) === 'LEVEL_LOCKED') {
    return new EkoError('BAD_STATE', `The store ${directory} is in use by another process`, options);
  }
  // The library has no code for a full disk, only the system's text.
  return innermostMessageOf(error).includes('No space left')
    ? new EkoError('STORE_FULL', `The disk of ${directory} is full; free some space`, options)
    : new EkoError('CORRUPT_RECORD', `The store ${directory} cannot be opened`, options);
}

/** The store tidies up behind itself: a file that was listed may be gone by now. */
async function makePrivate(file: string): Promise<void> {
  await chmod(file, 0o600).catch((error: unknown) => {
    if (codeOf(error) !== 'ENOENT') throw error;
  });
}

function innermostMessageOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  const inner = 'cause' in error ? innermostMessageOf(error.cause) : '';
  return inner === '' && 'message' in error ? String(error.message) : inner;
}

function readFailure(error: unknown, key: string): unknown {
  const code = codeOf(error);
  if (code === undefined) return error;
  if (code === 'LEVEL_DATABASE_NOT_OPEN') return closedFailure(error);
  return new EkoError('CORRUPT_RECORD', `The record at or after ${key} cannot be read`, {
    details: { key },
    cause: error,
  });
}

const closedFailure = (cause: unknown): EkoError =>
  new EkoError('SHUTTING_DOWN', 'The store is closed', { cause });
