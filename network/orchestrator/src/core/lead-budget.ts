import type { OrchestratorState } from './orchestrator-state';

/** What a bundle costs beside its streams, in streams: proofs, calls, transactions. */
const STREAMS_FOR_BUNDLE = 10;

/** A bundle that is proved or dealt now: who asked for it, and what it costs. */
interface Led {
  readonly mspId: string;
  readonly cost: number;
}

/**
 * How much this node leads at a time. What waits for room costs nothing; what is begun and then overtaken by its
 * deadlines is dealt again, and so makes an overload last.
 *
 * An organisation that asks for more than there is room for, or for what its own orchestrators then stall, spends its own
 * part: each other one still has the part that it would have among those that are led now, or one bundle. So nobody's
 * requests keep another's from being dealt, and what is led beyond the whole is bounded by the whole and a bundle each.
 */
export class LeadBudget {
  readonly #most: number;
  readonly #led = new Map<string, Led>();
  #spent = 0;

  /** @param most - streams of all bundles that are led at a time, each bundle counted as 10 streams more than it has */
  constructor(most: number) {
    this.#most = most;
  }

  /** Whether there is room for one more; an organisation's bundle that is larger than its whole part is led alone. */
  hasRoomFor({ bundle }: Pick<OrchestratorState, 'bundle'>): boolean {
    const cost = costOf(bundle);
    if (this.#spent + cost <= this.#most) return true;
    const { initiatorMsp } = bundle;
    const led = [...this.#led.values()];
    const own = led.reduce((sum, each) => (each.mspId === initiatorMsp ? sum + each.cost : sum), 0);
    const organisations = new Set([initiatorMsp, ...led.map(({ mspId }) => mspId)]).size;
    return own === 0 || own + cost <= Math.floor(this.#most / organisations);
  }

  /**
   * Takes note of a bundle's state.
   * @returns whether that made room
   */
  note({ bundle, lead }: Pick<OrchestratorState, 'bundle' | 'lead'>): boolean {
    const { bundleId, initiatorMsp: mspId } = bundle;
    const before = this.#led.get(bundleId)?.cost ?? 0;
    // Once it is submitted, the ledger works on it and this node only waits.
    const now = lead.kind === 'proving' || lead.kind === 'dealing' ? costOf(bundle) : 0;
    if (now > 0) this.#led.set(bundleId, { mspId, cost: now });
    else this.#led.delete(bundleId);
    this.#spent += now - before;
    return now < before;
  }
}

function costOf({ streams }: OrchestratorState['bundle']): number {
  return streams + STREAMS_FOR_BUNDLE;
}
