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
 * While a batch is being committed the next one gathers, so that a slow disk makes larger blocks.
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
    if (this.#waiting.length >= this.#cutting.maxMessageCount) this.#cut();
    else this.#timer ??= setTimeout(() => this.#cut(), this.#cutting.blockTimeoutMs);
  }

  /** Commits what waits, and returns when all is done. */
  async drain(): Promise<void> {
    if (this.#waiting.length > 0) this.#cut();
    await this.#running;
  }

  #cut(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isDue = true;
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    while (
      this.#waiting.length > 0 &&
      (this.#isDue || this.#waiting.length >= this.#cutting.maxMessageCount)
    ) {
      const batch = this.#waiting.splice(0, this.#cutting.maxMessageCount);
      this.#isDue = this.#isDue && this.#waiting.length > 0;
      await this.#commit(batch);
    }
    this.#isDue = false;
    this.#running = undefined;
  }
}
