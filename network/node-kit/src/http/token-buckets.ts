import { BoundedMap } from '@eko/protocol/encoding';

/** How often one caller may call. */
export interface RateLimit {
  readonly ratePerSecond: number;
  readonly rateBurst: number;
}

interface Bucket {
  readonly tokens: number;
  readonly filledAtMs: number;
}

/** Callers remembered; beyond it the one that was quiet longest is forgotten, which only does it a favour. */
const MAX_CALLERS = 10_000;

/** A token bucket for each caller, in bounded memory. */
export class TokenBuckets {
  readonly #limit: RateLimit;
  readonly #nowMs: () => number;
  readonly #buckets = new BoundedMap<string, Bucket>(MAX_CALLERS);

  /** @param nowMs - monotonic milliseconds */
  constructor(limit: RateLimit, nowMs: () => number) {
    this.#limit = limit;
    this.#nowMs = nowMs;
  }

  /**
   * Takes one token of a caller.
   *
   * @returns 0, or after how many milliseconds the caller may try again
   */
  take(caller: string): number {
    const { ratePerSecond, rateBurst } = this.#limit;
    const nowMs = this.#nowMs();
    const known = this.#buckets.get(caller) ?? { tokens: rateBurst, filledAtMs: nowMs };
    const filled = known.tokens + ((nowMs - known.filledAtMs) / 1000) * ratePerSecond;
    const tokens = Math.min(rateBurst, filled);
    const isAllowed = tokens >= 1;
    this.#buckets.set(caller, { tokens: isAllowed ? tokens - 1 : tokens, filledAtMs: nowMs });
    return isAllowed ? 0 : Math.ceil(((1 - tokens) / ratePerSecond) * 1000);
  }
}
