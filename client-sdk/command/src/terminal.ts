import { ProgressLine } from './progress-line';
import type { TerminalOutput } from './terminal-output';

/** What the terminal is made of. */
export interface TerminalOptions {
  readonly stdout: TerminalOutput;
  readonly stderr: TerminalOutput;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isJson: boolean;
  readonly isQuiet: boolean;
  /** Aborts on Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
}

/** Where a command speaks: results to standard output, everything else to standard error. */
export class Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isJson: boolean;
  readonly signal: AbortSignal;
  /** One line that is drawn anew; it stays silent where nobody would see it. */
  readonly progress: ProgressLine;
  readonly #stdout: TerminalOutput;
  readonly #stderr: TerminalOutput;
  readonly #isQuiet: boolean;

  constructor({ stdout, stderr, env, isJson, isQuiet, signal }: TerminalOptions) {
    this.env = env;
    this.isJson = isJson;
    this.signal = signal;
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.#isQuiet = isQuiet;
    const isWatched = stderr.isTTY === true && !isSet(env['CI']) && !isJson && !isQuiet;
    this.progress = new ProgressLine(stderr, isWatched);
  }

  /** Prints a command's result: the value as one line of JSON, or its lines for people. */
  result(value: object, lines: readonly string[]): void {
    this.progress.clear();
    this.#stdout.write(this.isJson ? `${JSON.stringify(value, bigintAsText)}\n` : `${lines.join('\n')}\n`);
  }

  /** Tells a person something on the way. */
  note(text: string): void {
    if (this.isJson || this.#isQuiet) return;
    this.progress.clear();
    this.#stderr.write(`${text}\n`);
  }

  /** Prints what went wrong, whatever else is silent. */
  failure(value: object, lines: readonly string[]): void {
    this.progress.clear();
    this.#stderr.write(this.isJson ? `${JSON.stringify(value)}\n` : `${lines.join('\n')}\n`);
  }
}

const isSet = (value: string | undefined): boolean =>
  value !== undefined && value !== '' && value !== 'false';

/** Block numbers are too wide for a JSON number. */
const bigintAsText = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? value.toString() : value;
