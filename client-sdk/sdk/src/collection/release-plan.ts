import { backoffMs } from '../pacing/backoff';
import { HedgeDelay } from './hedge-delay';

/** Whom to ask for which streams. */
export interface PlannedCall {
  readonly witness: string;
  readonly streams: readonly number[];
}

/** Pace of asking, in milliseconds. */
export interface HedgeBounds {
  /**
   * After this long without an answer the next witness is asked too, at the latest: sooner where a `HedgeDelay` knows
   * that answers usually come sooner.
   */
  readonly hedgeMs: number;
  /** Pauses before a silent witness is asked again. */
  readonly retryFirstMs: number;
  readonly retryMostMs: number;
}

type WitnessState =
  | { readonly phase: 'untried' | 'answered' | 'wrong' }
  | { readonly phase: 'asked'; readonly sinceMs: number; readonly failures: number }
  | { readonly phase: 'silent'; readonly retryAtMs: number; readonly failures: number };

/** Who has sent a good share of a stream, by dealer. */
type SharesOfStream = Map<string, Set<string>>;

/**
 * Whom to ask next for the shares of a bundle: no clock and no I/O of its own. It asks a quorum of the bundle's
 * witnesses, one call each for all wanted streams; then, as answers are late, missing or wrong, the next; and when nobody
 * is left, the silent ones again. @see docs/protocol.md, "4. Release"
 */
export class ReleasePlan {
  readonly #dealers: readonly string[];
  readonly #quorum: number;
  readonly #bounds: HedgeBounds;
  readonly #hedging: HedgeDelay;
  readonly #streams: Map<number, SharesOfStream>;
  readonly #witnesses = new Map<string, WitnessState>();
  readonly #timesLate: (witness: string) => number;
  readonly #random: () => number;

  constructor(input: {
    /** Those whose shares are wanted. */
    readonly streams: readonly number[];
    /** The bundle's, in draw order. */
    readonly witnesses: readonly string[];
    readonly dealers: readonly string[];
    readonly quorum: number;
    readonly bounds: HedgeBounds;
    /** What is known of usual answers; without it, `hedgeMs` is waited. */
    readonly hedging?: HedgeDelay | undefined;
    /** How often a witness was late before; one that was is asked only where others are too few. */
    readonly timesLate?: (witness: string) => number;
    readonly random?: () => number;
  }) {
    this.#dealers = input.dealers;
    this.#quorum = input.quorum;
    this.#bounds = input.bounds;
    this.#hedging = input.hedging ?? new HedgeDelay();
    this.#timesLate = input.timesLate ?? (() => 0);
    this.#random = input.random ?? Math.random;
    this.#streams = new Map(input.streams.map((index) => [index, new Map<string, Set<string>>()]));
    for (const witness of input.witnesses) this.#witnesses.set(witness, { phase: 'untried' });
  }

  /** Streams that still lack shares, in order. */
  get unfinished(): readonly number[] {
    return [...this.#streams.keys()];
  }

  /** Witnesses that were asked for unfinished streams and have not answered, sorted. */
  get silent(): readonly string[] {
    if (this.#streams.size === 0) return [];
    return [...this.#witnesses]
      .filter(([, { phase }]) => phase === 'silent' || phase === 'asked')
      .map(([witness]) => witness)
      .sort();
  }

  /** Witnesses that have let a call wait too long, or gave nothing usable. */
  late(nowMs: number): readonly string[] {
    return [...this.#witnesses].flatMap(([witness, state]) =>
      state.phase === 'silent' || (state.phase === 'asked' && nowMs - state.sinceMs >= this.#delayMs)
        ? [witness]
        : [],
    );
  }

  /** The calls to make now; they count as made. */
  next(nowMs: number): readonly PlannedCall[] {
    const calls: PlannedCall[] = [];
    for (;;) {
      if (!this.#lacks(nowMs, this.#delayMs)) return calls;
      const witness = this.#bestToAsk(nowMs);
      if (witness === undefined) return calls;
      // Nothing would lack yet, if nothing were known of usual answers.
      if (!this.#lacks(nowMs, this.#bounds.hedgeMs)) this.#hedging.askedEarly();
      const before = this.#witnesses.get(witness);
      const failures = before?.phase === 'silent' ? before.failures : 0;
      this.#witnesses.set(witness, { phase: 'asked', sinceMs: nowMs, failures });
      calls.push({ witness, streams: this.unfinished });
    }
  }

  /** When `next` may have something new without any answer: a call turns late, or a silent witness may be asked again. */
  wakeAtMs(nowMs: number): number | undefined {
    const delayMs = this.#delayMs;
    const times = [...this.#witnesses.values()].flatMap((state) => {
      if (state.phase === 'silent') return [state.retryAtMs];
      if (state.phase === 'asked' && nowMs - state.sinceMs < delayMs) return [state.sinceMs + delayMs];
      return [];
    });
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /**
   * Takes the good shares of an answer.
   *
   * @returns the streams that have their quorum now
   */
  answered(
    witness: string,
    shares: readonly { readonly dealer: string; readonly streamIndex: number }[],
    nowMs: number,
  ): readonly number[] {
    this.#witnesses.set(witness, { phase: 'answered' });
    for (const { dealer, streamIndex } of shares) {
      const have = this.#streams.get(streamIndex);
      have?.set(dealer, (have.get(dealer) ?? new Set()).add(witness));
    }
    const complete = this.unfinished.filter((index) => this.#missing(index) === 0);
    for (const index of complete) this.drop(index);
    // What it did not send it may have later: a dealing that reaches it late.
    if (this.unfinished.some((index) => this.#owes(witness, index))) this.failed(witness, nowMs);
    return complete;
  }

  /** Notes that a witness gave nothing usable this time; it may be asked again. */
  failed(witness: string, nowMs: number): void {
    const before = this.#witnesses.get(witness);
    const failures = (before?.phase === 'asked' || before?.phase === 'silent' ? before.failures : 0) + 1;
    const { retryFirstMs: firstMs, retryMostMs: mostMs } = this.#bounds;
    const retryAtMs = nowMs + backoffMs(failures, { firstMs, mostMs }, this.#random);
    this.#witnesses.set(witness, { phase: 'silent', retryAtMs, failures });
  }

  /** Notes that a witness may be asked again at once: it only lacked a valid permit. */
  again(witness: string): void {
    this.#witnesses.set(witness, { phase: 'untried' });
  }

  /** Notes that a witness released a wrong share; it is not asked again, and what it sent counts no more. */
  wrong(witness: string): void {
    this.#witnesses.set(witness, { phase: 'wrong' });
    for (const have of this.#streams.values())
      for (const witnesses of have.values()) witnesses.delete(witness);
  }

  /** Wants a stream again that lacks shares after all: what it has is what is left. */
  reopen(index: number, have: readonly { readonly witness: string; readonly dealer: string }[]): void {
    const byDealer = new Map(this.#dealers.map((dealer) => [dealer, new Set<string>()]));
    for (const { witness, dealer } of have) byDealer.get(dealer)?.add(witness);
    this.#streams.set(index, byDealer);
  }

  /** Stops wanting a stream. */
  drop(index: number): void {
    this.#streams.delete(index);
  }

  get #delayMs(): number {
    return this.#hedging.delayMs(this.#bounds.hedgeMs);
  }

  /** How many more witnesses a stream needs, by its worst dealer. */
  #missing(index: number): number {
    const have = this.#streams.get(index);
    if (have === undefined) return 0;
    return Math.max(...this.#dealers.map((dealer) => this.#quorum - (have.get(dealer)?.size ?? 0)), 0);
  }

  /** Tells whether a witness has left out a dealer's share of a stream. */
  #owes(witness: string, index: number): boolean {
    const have = this.#streams.get(index);
    return this.#dealers.some((dealer) => have?.get(dealer)?.has(witness) !== true);
  }

  /** Tells whether calls under way will not complete every stream, if an answer that took so long does not come. */
  #lacks(nowMs: number, delayMs: number): boolean {
    const expected = [...this.#witnesses.values()].filter(
      (state) => state.phase === 'asked' && nowMs - state.sinceMs < delayMs,
    ).length;
    return this.unfinished.some((index) => this.#missing(index) > expected);
  }

  /**
   * Of those that may be asked now, in draw order: untried ones that were never late first, and of the others the one
   * that was late least often.
   */
  #bestToAsk(nowMs: number): string | undefined {
    let best:
      { readonly witness: string; readonly isFirstChoice: boolean; readonly timesLate: number } | undefined;
    for (const [witness, state] of this.#witnesses) {
      const isOpen = state.phase === 'untried' || (state.phase === 'silent' && state.retryAtMs <= nowMs);
      if (!isOpen) continue;
      const timesLate = this.#timesLate(witness);
      const isFirstChoice = state.phase === 'untried' && timesLate === 0;
      const isBetter =
        best === undefined ||
        (isFirstChoice && !best.isFirstChoice) ||
        (isFirstChoice === best.isFirstChoice && timesLate < best.timesLate);
      if (isBetter) best = { witness, isFirstChoice, timesLate };
    }
    return best?.witness;
  }
}
