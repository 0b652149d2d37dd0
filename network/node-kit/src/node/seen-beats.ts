import { EVENTS, type LedgerEvent } from '@eko/protocol/ledger';

/** A heartbeat, as this process has seen it. */
export interface SeenBeat {
  readonly mspId: string;
  /** The time that it states, which the ledger takes only close to its peers' clocks. */
  readonly atUnixMs: number;
  /** When it arrived, on the monotonic clock. */
  readonly seenAtMonotonicMs: number;
}

/** What the heartbeats are told apart by. */
export interface SeenBeatsDeps {
  readonly nodeId: string;
  /** The organisation of a registered node. */
  readonly mspOf: (nodeId: string) => string | undefined;
  readonly monotonicMs: () => number;
}

/**
 * The newest heartbeat of each organisation, and this node's own. One that states no later time than one seen before
 * changes nothing, so that nobody makes this node's view of the ledger look older than it is, and no replay makes it look
 * newer.
 * @see docs/protocol.md, "4. Release"
 */
export class SeenBeats {
  /** By MSP: as many as the channel has organisations. */
  readonly #newest = new Map<string, SeenBeat>();
  readonly #waiting = new Set<() => void>();
  readonly #deps: SeenBeatsDeps;
  #own: SeenBeat | undefined;

  constructor(deps: SeenBeatsDeps) {
    this.#deps = deps;
  }

  /** Takes an event; all but heartbeats are ignored. */
  apply(event: LedgerEvent): void {
    if (event.name !== EVENTS.heartbeat) return;
    const { nodeId, atUnixMs } = event.payload;
    const mspId = this.#deps.mspOf(nodeId);
    if (mspId === undefined) return;
    const beat = { mspId, atUnixMs, seenAtMonotonicMs: this.#deps.monotonicMs() };
    this.#newest.set(mspId, later(this.#newest.get(mspId), beat));
    if (nodeId === this.#deps.nodeId) this.#own = later(this.#own, beat);
    for (const wake of this.#waiting) wake();
  }

  /** The newest heartbeat of all, by the time that it states. */
  newest(): SeenBeat | undefined {
    return newestOf([...this.#newest.values()]);
  }

  /** The newest from outside an organisation. */
  newestOutside(mspId: string): SeenBeat | undefined {
    return newestOf([...this.#newest.values()].filter((beat) => beat.mspId !== mspId));
  }

  /** The newest that an organisation has no hand in: from outside it, or this node's own. */
  newestApartFrom(mspId: string): SeenBeat | undefined {
    const outside = this.newestOutside(mspId);
    return this.#own === undefined ? outside : later(outside, this.#own);
  }

  /** Waits until `ready` answers true, which it is asked after every heartbeat, or until the time is over. */
  async until(ready: () => boolean, timeoutMs: number): Promise<void> {
    if (ready()) return;
    await new Promise<void>((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve();
      };
      const check = (): void => {
        if (ready()) finish();
      };
      const timer = setTimeout(finish, timeoutMs);
      this.#waiting.add(check);
    });
  }
}

function later(known: SeenBeat | undefined, beat: SeenBeat): SeenBeat {
  return known !== undefined && known.atUnixMs >= beat.atUnixMs ? known : beat;
}

function newestOf(beats: readonly SeenBeat[]): SeenBeat | undefined {
  return beats.reduce<SeenBeat | undefined>(later, undefined);
}
