import { BoundedMap } from '@eko/protocol';

const MOST_WITNESSES = 1024;

/**
 * Which witnesses were late or silent of late, over all collections of a party: they are asked last for a while, so that
 * one that is away costs its delay once and not in every collection. Nobody is accused of anything by it.
 */
export class WitnessStanding {
  readonly #holdMs: number;
  readonly #lateAtMs = new BoundedMap<string, number>(MOST_WITNESSES);

  /** @param holdMs - how long a witness is asked last, unless it answers before */
  constructor(holdMs = 30_000) {
    this.#holdMs = holdMs;
  }

  /** Notes that a witness was late or gave no answer. */
  late(witness: string, nowMs: number): void {
    this.#lateAtMs.set(witness, nowMs);
  }

  /** Notes that a witness has answered. */
  prompt(witness: string): void {
    this.#lateAtMs.delete(witness);
  }

  /** Whether others are to be asked before it. */
  isDoubtful(witness: string, nowMs: number): boolean {
    const lateAtMs = this.#lateAtMs.get(witness);
    return lateAtMs !== undefined && nowMs - lateAtMs < this.#holdMs;
  }
}
