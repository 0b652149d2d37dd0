/** An output stream as far as a terminal needs it. */
export interface TerminalOutput {
  readonly isTTY?: boolean;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

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

const CLEAR = '\r\u001B[2K';
const BAR_CELLS = 24;
const REDRAW_MS = 80;
const DEFAULT_COLUMNS = 80;

/** How far something is. */
export interface Progress {
  readonly label: string;
  readonly done: number;
  readonly total: number;
  readonly detail?: string;
}

/** A progress bar on one line of standard error, drawn at most some times a second. */
export class ProgressLine {
  readonly #output: TerminalOutput;
  readonly #isWatched: boolean;
  #isDrawn = false;
  #drawnAtMs = Number.NEGATIVE_INFINITY;

  constructor(output: TerminalOutput, isWatched: boolean) {
    this.#output = output;
    this.#isWatched = isWatched;
  }

  /** Draws it, unless it was drawn a moment ago. */
  show(progress: Progress): void {
    if (!this.#isWatched) return;
    const nowMs = performance.now();
    if (nowMs - this.#drawnAtMs < REDRAW_MS && progress.done < progress.total) return;
    this.#drawnAtMs = nowMs;
    this.#isDrawn = true;
    const line = renderProgress(progress).slice(0, (this.#output.columns ?? DEFAULT_COLUMNS) - 1);
    this.#output.write(CLEAR + line);
  }

  /** Takes it away, to make room for other text. */
  clear(): void {
    if (!this.#isDrawn) return;
    this.#isDrawn = false;
    this.#output.write(CLEAR);
  }
}

/** A bar as text: `label [#####.....]  50 %  detail`. */
export function renderProgress({ label, done, total, detail = '' }: Progress): string {
  const share = total <= 0 ? 1 : Math.min(1, Math.max(0, done / total));
  const filled = Math.floor(share * BAR_CELLS);
  const bar = '#'.repeat(filled) + '.'.repeat(BAR_CELLS - filled);
  const percent = `${Math.floor(share * 100)}`.padStart(3);
  return `${label} [${bar}] ${percent} %  ${detail}`.trimEnd();
}
