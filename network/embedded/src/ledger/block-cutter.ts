/** When a block is full. */
export interface BlockCutting {
  /** The most transactions of a block. */
  readonly maxMessageCount: number;
  /** How long the first transaction of a block waits for others. */
  readonly blockTimeoutMs: number;
}

/**
 * Gathers transactions into batches, by count and by time, and hands them on one batch after the other.
 *
 * While a batch is being committed the next one gathers, so that a slow disk makes larger blocks. As long as anything
 * waits, a timer runs or has run out.
 */
export class BlockCutter<Item> {
  readonly #cutting: BlockCutting;
  readonly #commit: (batch: readonly Item[]) => Promise<void>;
  readonly #waiting: Item[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isDue = false;
  #running: Promise<void> | undefined;

  /** @param commit must not reject */
  constructor(cutting: BlockCutting, commit: (batch: readonly Item[]) => Promise<void>) {
    this.#cutting = cutting;
    this.#commit = commit;
  }

  /** The number of transactions that wait for a block. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Adds a transaction. */
  add(item: Item): void {
    this.#waiting.push(item);
    this.#timer ??= setTimeout(() => this.#cutNow(), this.#cutting.blockTimeoutMs);
    this.#cutIfReady();
  }

  /** Commits what waits, and returns when all is done. */
  async drain(): Promise<void> {
    this.#cutNow();
    await this.#running;
  }

  #cutNow(): void {
    this.#isDue = this.#waiting.length > 0;
    this.#cutIfReady();
  }

  #cutIfReady(): void {
    if (this.#isReady()) this.#running ??= this.#run();
  }

  #isReady(): boolean {
    const { length } = this.#waiting;
    return length >= this.#cutting.maxMessageCount || (this.#isDue && length > 0);
  }

  /** Runs only while something is ready, so that it never ends before it is noted as running. */
  async #run(): Promise<void> {
    while (this.#isReady()) await this.#commit(this.#takeBatch());
    this.#running = undefined;
  }

  #takeBatch(): readonly Item[] {
    const batch = this.#waiting.splice(0, this.#cutting.maxMessageCount);
    if (this.#waiting.length === 0) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#isDue = false;
    }
    return batch;
  }
}
