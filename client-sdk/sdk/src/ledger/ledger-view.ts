/** A clock that only moves forward, in milliseconds from any origin. */
export type MonotonicClock = () => number;

/** `performance.now` as a `MonotonicClock`. */
export const monotonicNow: MonotonicClock = () => performance.now();

/** How far a process has seen the ledger advance, and how long ago. @see docs/protocol.md, "4. Release" */
export interface LedgerView {
  /** Number of the newest block that an event was seen of; `undefined` before the first. */
  readonly height: bigint | undefined;
  /** Milliseconds on the monotonic clock since the height last grew; infinite before the first event. */
  msSinceAdvance(): number;
}

/** The view that a supervisor keeps. */
export class AdvancingLedgerView implements LedgerView {
  #height: bigint | undefined;
  #advancedAt = Number.NEGATIVE_INFINITY;
  readonly #now: MonotonicClock;

  constructor(now: MonotonicClock) {
    this.#now = now;
  }

  get height(): bigint | undefined {
    return this.#height;
  }

  msSinceAdvance(): number {
    return this.#now() - this.#advancedAt;
  }

  /** Notes an event of `blockNumber`; older blocks and doubles are no advance. */
  observe(blockNumber: bigint): void {
    if (this.#height !== undefined && blockNumber <= this.#height) return;
    this.#height = blockNumber;
    this.#advancedAt = this.#now();
  }
}
