/** Answers that are remembered, and how many say enough to go by. */
const MOST_ANSWERS = 100;
const FEWEST_ANSWERS = 20;
/** Of the remembered answers so many came sooner than the time of which the delay is a multiple. */
const SHARE_IN_TIME = 0.95;
const MARGIN = 1.5;
/** A pause of this process or of a network looks the same as a silent witness for about as long. */
const LEAST_MS = 50;
/** Witnesses that may be asked early in a row, and the answers that must come for each further one. */
const MOST_EARLY = 10;
const ANSWERS_PER_EARLY = 20;

/**
 * How long to wait for a witness before the next one is asked too, learned from how long witnesses took of late, over all
 * collections of a party: one that falls silent then costs little more than the slowest usual answer.
 *
 * Where everything is slow at once, a call more is what helps least. Two things keep that from happening. The delay
 * follows the slow answers, also for calls that are under way. And until they come, or where those that would tell are
 * cut off by the others' being quicker, calls before the longest delay are counted: a few at a time, and in the long run
 * one for every twenty answers.
 *
 * @see "The Tail at Scale", Communications of the ACM 56(2), 2013
 */
export class HedgeDelay {
  /** In milliseconds, the newest last. */
  readonly #tookMs: number[] = [];
  #learnedMs = Number.POSITIVE_INFINITY;
  /** In answers. */
  #credit = MOST_EARLY * ANSWERS_PER_EARLY;

  /** Notes that a witness answered, and how long that took. */
  answered(tookMs: number): void {
    this.#tookMs.push(tookMs);
    if (this.#tookMs.length > MOST_ANSWERS) this.#tookMs.shift();
    this.#credit = Math.min(this.#credit + 1, MOST_EARLY * ANSWERS_PER_EARLY);
    if (this.#tookMs.length < FEWEST_ANSWERS) return;
    const sorted = [...this.#tookMs].sort((a, b) => a - b);
    const usualMs = sorted[Math.ceil(sorted.length * SHARE_IN_TIME) - 1];
    if (usualMs !== undefined) this.#learnedMs = Math.max(LEAST_MS, usualMs * MARGIN);
  }

  /** Notes that a witness was asked because another had not answered within less than the longest delay. */
  askedEarly(): void {
    this.#credit -= ANSWERS_PER_EARLY;
  }

  /**
   * How long to wait for an answer at present.
   *
   * @param mostMs - the longest delay, which holds until enough is known and while too many were asked early
   */
  delayMs(mostMs: number): number {
    return this.#credit < ANSWERS_PER_EARLY ? mostMs : Math.min(this.#learnedMs, mostMs);
  }
}
