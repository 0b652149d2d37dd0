import { open, stat, type FileHandle } from 'node:fs/promises';
import { isMissing } from '@eko/protocol/node';
import type { Pause } from '@eko/sdk/node';

/** How a log is followed. */
export interface FollowedLog {
  readonly file: string;
  /** How many of the lines that are there already come first. */
  readonly count: number;
  /** How far back is looked for them. */
  readonly tailBytes: number;
  readonly pause: Pause;
}

const POLL_MS = 200;
const CHUNK_BYTES = 64 * 1024;
/** A longer line comes in pieces. */
const MOST_LINE_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;

/**
 * The last lines of a log, then each line once it is complete, until the signal aborts. It follows the name: of a file
 * that was moved away it reads what is left, then the new one from its beginning, for which it waits; so it does with a
 * file that has become shorter.
 *
 * @throws whatever the system says of a file that is there and cannot be read
 */
export async function* followLog(
  { file, count, tailBytes, pause }: FollowedLog,
  signal: AbortSignal,
): AsyncGenerator<string> {
  let log = await OpenLog.open(file);
  try {
    if (log !== undefined) yield* await log.tail(count, tailBytes);
    while (!signal.aborted) {
      // Looked at before the last reading, so that what was written before the move is not missed.
      const isGone: boolean = log === undefined || !(await log.isStill(file));
      if (log !== undefined) yield* log.more();
      const next: OpenLog | undefined = isGone ? await OpenLog.open(file) : undefined;
      if (next === undefined) await pause(POLL_MS, signal);
      else {
        await log?.close();
        log = next;
      }
    }
  } finally {
    await log?.close();
  }
}

/** One file, and how far it was read. */
class OpenLog {
  readonly #handle: FileHandle;
  #offset = 0;
  /** The beginning of a line that is not complete. */
  #rest = Buffer.alloc(0);

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** Nothing where there is no such file yet. */
  static async open(file: string): Promise<OpenLog | undefined> {
    try {
      return new OpenLog(await open(file, 'r'));
    } catch (error) {
      if (!isMissing(error)) throw error;
      return undefined;
    }
  }

  /** The last complete lines; a line that begins before `tailBytes` is left out. */
  async tail(count: number, tailBytes: number): Promise<readonly string[]> {
    const { size } = await this.#handle.stat();
    const start = Math.max(0, size - tailBytes);
    this.#offset = start;
    const lines: string[] = [];
    while (this.#offset < size) lines.push(...(await this.#readLines(size)));
    if (start > 0) lines.shift();
    return count === 0 ? [] : lines.slice(-count);
  }

  /** Every line that was completed since. */
  async *more(): AsyncGenerator<string> {
    const { size } = await this.#handle.stat();
    if (size < this.#offset) {
      this.#offset = 0;
      this.#rest = Buffer.alloc(0);
    }
    while (this.#offset < size) yield* await this.#readLines(size);
  }

  /** Whether this is the file of that name, or none has it. */
  async isStill(file: string): Promise<boolean> {
    const mine = await this.#handle.stat();
    try {
      const named = await stat(file);
      return mine.ino === named.ino && mine.dev === named.dev;
    } catch (error) {
      if (!isMissing(error)) throw error;
      return true;
    }
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  async #readLines(end: number): Promise<readonly string[]> {
    const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, end - this.#offset));
    const { bytesRead } = await this.#handle.read(chunk, 0, chunk.length, this.#offset);
    // It was cut just now; the next look begins anew.
    if (bytesRead === 0) this.#offset = end;
    this.#offset += bytesRead;
    const bytes = Buffer.concat([this.#rest, chunk.subarray(0, bytesRead)]);
    const complete = bytes.length > MOST_LINE_BYTES ? bytes.length : bytes.lastIndexOf(NEWLINE) + 1;
    this.#rest = bytes.subarray(complete);
    if (complete === 0) return [];
    const text = bytes.subarray(0, complete).toString('utf8');
    return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
  }
}
