import type { EkoError } from '@eko/protocol';
import type { Writable } from 'node:stream';
import { writeError } from './system-errors';
import type { TerminalOutput } from './terminal';

/** A stream of this process, as far as printing needs it. */
export type PrintedStream = Pick<Writable, 'write' | 'on'> & {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
};

/**
 * Standard output of a command, which knows whether all of it was taken. Where the reader has gone (`eko node show |
 * head -1`) nobody misses the rest; every other failure is one of the command, whatever else it did.
 */
export class ProcessOutput implements TerminalOutput {
  readonly #stream: PrintedStream;
  readonly #gone = new AbortController();
  #pending = Promise.resolve();
  #failure: EkoError | undefined;
  #isReaderGone = false;

  constructor(stream: PrintedStream) {
    this.#stream = stream;
    stream.on('error', (error: Error) => {
      this.#failed(error);
    });
  }

  get isTTY(): boolean {
    return this.#stream.isTTY === true;
  }

  get columns(): number | undefined {
    return this.#stream.columns;
  }

  /** Aborts as soon as nothing more can be printed, so that no command goes on for nobody. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** Whether it is the reader that has gone. */
  get isReaderGone(): boolean {
    return this.#isReaderGone;
  }

  write(text: string): void {
    if (this.#gone.signal.aborted) return;
    const written = new Promise<void>((resolve) => {
      this.#stream.write(text, (error) => {
        if (error) this.#failed(error);
        resolve();
      });
    });
    this.#pending = this.#pending.then(() => written);
  }

  /**
   * Resolves once everything printed was taken, or its reader has gone.
   *
   * @throws EkoError `STORE_FULL`, `INVALID_ARGUMENT` for what cannot be written
   */
  async settled(): Promise<void> {
    await this.#pending;
    if (this.#failure !== undefined) throw this.#failure;
  }

  #failed(error: Error): void {
    if (this.#gone.signal.aborted) return;
    if ('code' in error && error.code === 'EPIPE') this.#isReaderGone = true;
    else this.#failure = writeError('standard output', error);
    this.#gone.abort();
  }
}
