import type { OrchestratedBundle } from './orchestrated-bundle';

/** What a bundle costs beside its streams, in streams: proofs, calls, transactions. */
const STREAMS_FOR_BUNDLE = 10;

/**
 * How much this node leads at a time. What waits for room costs nothing; what is begun and then overtaken by its
 * deadlines is dealt again, and so makes an overload last.
 */
export class LeadBudget {
  readonly #most: number;
  /** Cost of each bundle that is proved or dealt now. */
  readonly #led = new Map<string, number>();
  #spent = 0;

  /** @param most - streams of all bundles that are led at a time, each bundle counted as 10 streams more than it has */
  constructor(most: number) {
    this.#most = most;
  }

  /** Whether there is room for one more; a bundle larger than the whole budget is led alone. */
  hasRoomFor({ bundle }: Pick<OrchestratedBundle, 'bundle'>): boolean {
    return this.#spent === 0 || this.#spent + costOf(bundle) <= this.#most;
  }

  /**
   * Takes note of a bundle's state.
   * @returns whether that made room
   */
  note({ bundle, lead }: Pick<OrchestratedBundle, 'bundle' | 'lead'>): boolean {
    const { bundleId } = bundle;
    const before = this.#led.get(bundleId) ?? 0;
    // Once it is submitted, the ledger works on it and this node only waits.
    const now = lead.kind === 'proving' || lead.kind === 'dealing' ? costOf(bundle) : 0;
    if (now > 0) this.#led.set(bundleId, now);
    else this.#led.delete(bundleId);
    this.#spent += now - before;
    return now < before;
  }
}

function costOf({ streams }: OrchestratedBundle['bundle']): number {
  return streams + STREAMS_FOR_BUNDLE;
}
