import { BoundedMap } from '@eko/protocol/encoding';

const MOST_WITNESSES = 1024;

/**
 * Which witnesses were late or silent of late, over all collections of a party: they are asked last for a while, so that
 * one that is away costs its delay once and not in every collection. Nobody is accused of anything by it.
 */
export class WitnessStanding {
  readonly #holdMs: number;
  readonly #late = new BoundedMap<string, { readonly times: number; readonly lastAtMs: number }>(
    MOST_WITNESSES,
  );

  /** @param holdMs - how long a witness is asked last, unless it answers before */
  constructor(holdMs = 30_000) {
    this.#holdMs = holdMs;
  }

  /** Notes that a witness was late or gave no answer. */
  late(witness: string, nowMs: number): void {
    this.#late.set(witness, { times: this.timesLate(witness, nowMs) + 1, lastAtMs: nowMs });
  }

  /** Notes that a witness has answered. */
  prompt(witness: string): void {
    this.#late.delete(witness);
  }

  /**
   * How often a witness was late without an answer since; 0 for one that was not of late. Others are to be asked before
   * it, those also that were late less often: on a busy machine everybody is late now and then.
   */
  timesLate(witness: string, nowMs: number): number {
    const late = this.#late.get(witness);
    return late !== undefined && nowMs - late.lastAtMs < this.#holdMs ? late.times : 0;
  }
}
