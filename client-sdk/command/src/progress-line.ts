import type { TerminalOutput } from './terminal-output';

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
