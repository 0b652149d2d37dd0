import { isEkoError } from '@eko/protocol';
import { type EnvelopeDelivery } from '@eko/protocol/rest';
import { backoffMs, type Pause } from '@eko/sdk/node';
import { isTransient } from '../core/delivery-failure';
import type { OrchestratorObserver } from './orchestrator-observer';
import type { Outbox, OutboxKey } from './outbox';
import { newStopController } from './stop-controller';

/** Carries one envelope to its holder. */
export interface EnvelopeCourier {
  /**
   * Resolves once the holder has acknowledged that every share is stored, under its own signature.
   * @throws EkoError the holder's own code; `PEER_UNAVAILABLE`, `DEADLINE_EXCEEDED`, `CANCELLED`, `BAD_SIGNATURE`
   */
  deliver(delivery: EnvelopeDelivery, holder: string, signal: AbortSignal): Promise<void>;
}

/** What the lanes need. */
export interface DeliveryLanesDeps {
  readonly outbox: Outbox;
  readonly courier: EnvelopeCourier;
  readonly pause: Pause;
  readonly observer: Pick<OrchestratorObserver, 'delivered' | 'warned'>;
}

/** A witness that was away is tried again at this pace. */
const RETRY = { firstMs: 200, mostMs: 15_000 };

/** The envelopes that wait for one holder, in turn; one attempt at a time. */
interface Lane {
  readonly keys: OutboxKey[];
  running: Promise<void> | undefined;
}

/**
 * Goes on delivering recorded dealings to witnesses that have not acknowledged, until they have or the envelope is
 * destroyed. A holder that is away holds up its own lane only.
 */
export class DeliveryLanes {
  readonly #deps: DeliveryLanesDeps;
  readonly #lanes = new Map<string, Lane>();
  readonly #stopping = newStopController();

  constructor(deps: DeliveryLanesDeps) {
    this.#deps = deps;
  }

  /** Envelopes that wait for a holder that is away. */
  get size(): number {
    return [...this.#lanes.values()].reduce((sum, lane) => sum + lane.keys.length, 0);
  }

  /** Puts one envelope into its holder's lane. */
  add(key: OutboxKey, holder: string): void {
    if (this.#stopping.signal.aborted) return;
    const lane = this.#lanes.get(holder) ?? { keys: [], running: undefined };
    this.#lanes.set(holder, lane);
    if (lane.keys.some((known) => known.dealingId === key.dealingId)) return;
    lane.keys.push(key);
    this.#keepRunning(holder, lane);
  }

  /** Resolves when no lane runs any more. */
  async idle(): Promise<void> {
    for (const lane of this.#lanes.values()) await lane.running;
  }

  /** Ends all attempts; what waits stays in the outbox. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.idle();
  }

  #keepRunning(holder: string, lane: Lane): void {
    lane.running ??= this.#run(holder, lane).finally(() => {
      lane.running = undefined;
      // Something may have come between the last look and this.
      if (lane.keys.length > 0 && !this.#stopping.signal.aborted) this.#keepRunning(holder, lane);
    });
  }

  async #run(holder: string, lane: Lane): Promise<void> {
    const { signal } = this.#stopping;
    let failures = 0;
    for (let key = lane.keys[0]; key !== undefined && !signal.aborted; key = lane.keys[0]) {
      const isDone = await this.#isDone(key, holder);
      lane.keys.shift();
      if (isDone) {
        failures = 0;
        continue;
      }
      // Where it is not the holder that is away but this one envelope that fails, the others come through.
      lane.keys.push(key);
      failures += 1;
      await this.#deps.pause(backoffMs(failures, RETRY), signal);
    }
  }

  /** Tells whether nothing is left to deliver: acknowledged, refused for good, or destroyed meanwhile. */
  async #isDone(key: OutboxKey, holder: string): Promise<boolean> {
    const { outbox, courier, observer } = this.#deps;
    try {
      const delivery = await outbox.delivery(key, holder);
      if (delivery === undefined) return true;
      await courier.deliver(delivery, holder, this.#stopping.signal);
      await outbox.release(key, [holder]);
      observer.delivered(holder, undefined);
      return true;
    } catch (error) {
      if (!isEkoError(error)) {
        // A disk that fails, or a fault of ours: neither says that the holder will not take it.
        observer.warned('a delivery failed', error);
        return false;
      }
      observer.delivered(holder, error.code);
      return !isTransient(error.code);
    }
  }
}
