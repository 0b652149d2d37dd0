import { backoffMs } from '../pacing/backoff';
import { HedgeDelay } from './hedge-delay';

/** A stream whose shares are wanted, with its witnesses in draw order. */
export interface WantedStream {
  readonly index: number;
  readonly witnesses: readonly string[];
}

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

interface StreamState {
  readonly witnesses: readonly string[];
  /** Who has sent a good share, by dealer. */
  readonly have: Map<string, Set<string>>;
}

/**
 * Whom to ask next for the shares of a bundle: no clock and no I/O of its own. It asks as few witnesses as give
 * every stream its quorum, one call each for all their streams; then, as answers are late, missing or wrong, the next;
 * and when nobody is left, the silent ones again. @see docs/protocol.md, "4. Release"
 */
export class ReleasePlan {
  readonly #dealers: readonly string[];
  readonly #quorum: number;
  readonly #bounds: HedgeBounds;
  readonly #hedging: HedgeDelay;
  readonly #streams: Map<number, StreamState>;
  readonly #witnesses = new Map<string, WitnessState>();
  readonly #timesLate: (witness: string) => number;
  readonly #random: () => number;

  constructor(input: {
    readonly streams: readonly WantedStream[];
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
    this.#streams = new Map(
      input.streams.map(({ index, witnesses }) => [
        index,
        { witnesses, have: new Map<string, Set<string>>() },
      ]),
    );
    for (const { witnesses } of input.streams)
      for (const witness of witnesses) this.#witnesses.set(witness, { phase: 'untried' });
  }

  /** Streams that still lack shares, in order. */
  get unfinished(): readonly number[] {
    return [...this.#streams.keys()];
  }

  /** Witnesses of unfinished streams that were asked and have not answered, sorted. */
  get silent(): readonly string[] {
    const needed = new Set([...this.#streams.values()].flatMap(({ witnesses }) => witnesses));
    return [...this.#witnesses]
      .filter(([witness, { phase }]) => needed.has(witness) && (phase === 'silent' || phase === 'asked'))
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
      const lacking = this.#lacking(nowMs, this.#delayMs);
      if (lacking.size === 0) return calls;
      const witness = this.#mostUseful(lacking, nowMs);
      if (witness === undefined) return calls;
      const streams = this.#servedBy(witness);
      // Nothing that it serves would lack yet, if nothing were known of usual answers.
      const lackingAnyway = this.#lacking(nowMs, this.#bounds.hedgeMs);
      if (!streams.some((index) => lackingAnyway.has(index))) this.#hedging.askedEarly();
      const before = this.#witnesses.get(witness);
      const failures = before?.phase === 'silent' ? before.failures : 0;
      this.#witnesses.set(witness, { phase: 'asked', sinceMs: nowMs, failures });
      calls.push({ witness, streams });
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
      const have = this.#streams.get(streamIndex)?.have;
      have?.set(dealer, (have.get(dealer) ?? new Set()).add(witness));
    }
    const complete = this.unfinished.filter((index) => this.#missing(index) === 0);
    for (const index of complete) this.drop(index);
    // What it did not send it may have later: a dealing that reaches it late.
    if (this.#servedBy(witness).some((index) => this.#owes(witness, index))) this.failed(witness, nowMs);
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

  /** Notes that a witness released a wrong share; it is not asked again. */
  wrong(witness: string): void {
    this.#witnesses.set(witness, { phase: 'wrong' });
  }

  /** Stops wanting a stream. */
  drop(index: number): void {
    this.#streams.delete(index);
  }

  get #delayMs(): number {
    return this.#hedging.delayMs(this.#bounds.hedgeMs);
  }

  #servedBy(witness: string): readonly number[] {
    return [...this.#streams]
      .filter(([, { witnesses }]) => witnesses.includes(witness))
      .map(([index]) => index);
  }

  /** How many more witnesses a stream needs, by its worst dealer. */
  #missing(index: number): number {
    const have = this.#streams.get(index)?.have;
    if (have === undefined) return 0;
    return Math.max(...this.#dealers.map((dealer) => this.#quorum - (have.get(dealer)?.size ?? 0)), 0);
  }

  /** Tells whether a witness has left out a dealer's share of a stream. */
  #owes(witness: string, index: number): boolean {
    const have = this.#streams.get(index)?.have;
    return this.#dealers.some((dealer) => have?.get(dealer)?.has(witness) !== true);
  }

  /** Streams that calls under way will not complete, if an answer that took so long does not come. */
  #lacking(nowMs: number, delayMs: number): ReadonlySet<number> {
    const lacking = new Set<number>();
    for (const [index, { witnesses }] of this.#streams) {
      const expected = witnesses.filter((witness) => {
        const state = this.#witnesses.get(witness);
        return state?.phase === 'asked' && nowMs - state.sinceMs < delayMs;
      }).length;
      if (this.#missing(index) > expected) lacking.add(index);
    }
    return lacking;
  }

  /**
   * Of those that may be asked now, the witness that serves most lacking streams; untried ones that were never late first,
   * and of others alike the one that was late least often.
   */
  #mostUseful(lacking: ReadonlySet<number>, nowMs: number): string | undefined {
    let best: { readonly witness: string; readonly worth: number; readonly timesLate: number } | undefined;
    for (const [witness, state] of this.#witnesses) {
      const isOpen = state.phase === 'untried' || (state.phase === 'silent' && state.retryAtMs <= nowMs);
      if (!isOpen) continue;
      const served = this.#servedBy(witness).filter((index) => lacking.has(index)).length;
      if (served === 0) continue;
      const timesLate = this.#timesLate(witness);
      const isFirstChoice = state.phase === 'untried' && timesLate === 0;
      const worth = served + (isFirstChoice ? this.#streams.size : 0);
      const isBetter =
        best === undefined || worth > best.worth || (worth === best.worth && timesLate < best.timesLate);
      if (isBetter) best = { witness, worth, timesLate };
    }
    return best?.witness;
  }
}
