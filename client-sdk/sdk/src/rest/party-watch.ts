import { isEkoError, type EkoError } from '@eko/protocol';
import type { TransferDocument } from '@eko/protocol/rest';
import { problemOf, silentError, type PartyAccess } from './party-access';

/** How long a client waits for its own party, whatever that waits for itself. */
export interface WatchTimes {
  /** After so long without a byte either way the party is asked whether it lives. */
  readonly quietMs: number;
  /** So long it may take to answer that. */
  readonly answerMs: number;
  /** So much longer than it was told to wait for the other side it may take to say that nobody came. */
  readonly graceMs: number;
}

/** The times of a client; a party that lives answers what it is asked out of its memory. */
export const WATCH_TIMES: WatchTimes = { quietMs: 15_000, answerMs: 20_000, graceMs: 60_000 };

/** What a watch works on. */
export interface PartyWatchDeps {
  readonly access: PartyAccess;
  readonly times: WatchTimes;
  /** How long the party was told to wait for the other side. */
  readonly waitMs: number;
  /** Bytes of the connection so far, both ways together. */
  readonly moved: () => number;
  /** Asks the party what became of the transfer, within this time. */
  readonly ask: (deadlineMs: number) => Promise<TransferDocument>;
  /** Breaks the transfer, once. */
  readonly onBroken: (reason: EkoError) => void;
}

/**
 * Bounds every wait for a party that moves a transfer, without a bound for the transfer: while nothing moves the party
 * is asked what became of it. One that answers lives, and may wait for as long as its own bounds let it; one that does
 * not answer, or that has forgotten the transfer or ended it without a word, breaks it.
 */
export class PartyWatch implements Disposable {
  readonly #deps: PartyWatchDeps;
  readonly #timer: NodeJS.Timeout;
  readonly #opening: NodeJS.Timeout;
  #movedBytes = 0;
  /** Answers in a row by which the transfer should have been over. */
  #overAnswers = 0;
  #reason: EkoError | undefined;
  #isOver = false;

  constructor(deps: PartyWatchDeps) {
    this.#deps = deps;
    const { times, waitMs } = deps;
    this.#timer = setTimeout(() => void this.#check(), times.quietMs);
    const longestMs = waitMs + times.graceMs;
    this.#opening = setTimeout(() => {
      const text = `has not said within ${longestMs / 1_000} s whether the other side is there`;
      this.#break(silentError(this.#deps.access, text));
    }, longestMs);
  }

  /** Why it broke the transfer, if it did. */
  get reason(): EkoError | undefined {
    return this.#reason;
  }

  /** The other side is there. */
  open(): void {
    clearTimeout(this.#opening);
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#opening);
  }

  async #check(): Promise<void> {
    if (!this.#hasMoved()) {
      const reason = await this.#askForReason();
      if (reason !== undefined && !this.#hasMoved()) this.#break(reason);
    }
    if (!this.#isOver) this.#timer.refresh();
  }

  /** Whether bytes went either way since this was asked last. */
  #hasMoved(): boolean {
    const movedBytes = this.#deps.moved();
    if (movedBytes === this.#movedBytes) return false;
    this.#movedBytes = movedBytes;
    this.#overAnswers = 0;
    return true;
  }

  /** Why there is nothing to wait for any more. */
  async #askForReason(): Promise<EkoError | undefined> {
    const { ask, times } = this.#deps;
    try {
      const { state, failure } = await ask(times.answerMs);
      if (failure !== undefined) return problemOf(0, JSON.stringify(failure));
      if (state !== 'done') this.#overAnswers = 0;
      else if ((this.#overAnswers += 1) > 1)
        return silentError(this.#deps.access, 'says that the transfer is over, but not how');
      return undefined;
    } catch (error) {
      if (!isEkoError(error)) return undefined;
      if (error.code === 'DEADLINE_EXCEEDED')
        return silentError(this.#deps.access, 'does not answer any more');
      if (error.code === 'NOT_FOUND' && (this.#overAnswers += 1) > 1)
        return silentError(this.#deps.access, 'knows nothing of this transfer');
      return error.code === 'PEER_UNAVAILABLE' ? error : undefined;
    }
  }

  #break(reason: EkoError): void {
    if (this.#isOver) return;
    this[Symbol.dispose]();
    this.#reason = reason;
    this.#deps.onBroken(reason);
  }
}
