import type { Terminal } from '@eko/command';

/** One thing that the demo claims, and whether it held. */
export interface Claim {
  readonly what: string;
  readonly held: boolean;
  readonly measured: string;
}

const TIME_WIDTH = 8;

/** Tells the demo as it happens, each line with the time since its start, and keeps what it claims. */
export class Timeline {
  readonly #terminal: Terminal;
  readonly #startedMs = performance.now();
  readonly #claims: Claim[] = [];

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Everything claimed so far. */
  get claims(): readonly Claim[] {
    return this.#claims;
  }

  /** Since the start. */
  get elapsedMs(): number {
    return performance.now() - this.#startedMs;
  }

  /** The heading of a part. */
  chapter(text: string): void {
    this.#terminal.note(`\n${text}`);
  }

  /** Something happened now. */
  tell(text: string): void {
    this.#terminal.note(`${`${(this.elapsedMs / 1_000).toFixed(2)} s`.padStart(TIME_WIDTH)}  ${text}`);
  }

  /** More about what was told. */
  detail(text: string): void {
    this.#terminal.note(`${' '.repeat(TIME_WIDTH)}    ${text}`);
  }

  /** Claims something for the table at the end. */
  claim(what: string, held: boolean, measured: string): void {
    this.#claims.push({ what, held, measured });
    this.tell(`${held ? 'holds' : 'FAILS'}: ${what}: ${measured}`);
  }
}
