import { BoundedMap } from '@eko/protocol';
import type { StreamClock } from './stream-clock';

/** How many connections one address may open. */
export interface AddressRateLimit {
  readonly perSecond: number;
  /** What an address that was quiet may open at once. */
  readonly burst: number;
  /** How many addresses are remembered; beyond it the one that was quiet longest is forgotten. */
  readonly addresses: number;
}

interface Bucket {
  tokens: number;
  filledAtMs: number;
}

/** A token bucket for each address, in bounded memory. */
export class AddressRate {
  readonly #buckets: BoundedMap<string, Bucket>;
  readonly #limit: AddressRateLimit;
  readonly #clock: Pick<StreamClock, 'monotonicMs'>;

  constructor(limit: AddressRateLimit, clock: Pick<StreamClock, 'monotonicMs'>) {
    this.#buckets = new BoundedMap(limit.addresses);
    this.#limit = limit;
    this.#clock = clock;
  }

  /** Whether `address` may open one more connection now; counts it if so. */
  take(address: string): boolean {
    const nowMs = this.#clock.monotonicMs();
    const bucket = this.#buckets.get(address) ?? { tokens: this.#limit.burst, filledAtMs: nowMs };
    const refill = ((nowMs - bucket.filledAtMs) / 1000) * this.#limit.perSecond;
    bucket.tokens = Math.min(this.#limit.burst, bucket.tokens + refill);
    bucket.filledAtMs = nowMs;
    this.#buckets.set(address, bucket);
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }
}
