import type { EnvelopeDelivery } from '@eko/protocol/rest';
import type { NewDealing } from '../core/new-dealing';

/** Names one dealing of the outbox. */
export interface OutboxKey {
  readonly bundleId: string;
  readonly dealingId: string;
}

/** Sealed envelopes that wait for their holders, with what goes with them. Nothing in it can be read here. */
export interface Outbox {
  /** Stores a dealing with all of its envelopes durably; resolves only then. */
  put(bundleId: string, dealing: NewDealing): Promise<void>;
  /** What a holder gets, or `undefined` where its envelope is not here any more. */
  delivery(key: OutboxKey, holder: string): Promise<EnvelopeDelivery | undefined>;
  /** Who still has an envelope waiting here. */
  waiting(key: OutboxKey): Promise<readonly string[]>;
  /** Destroys the envelopes of these holders for good, and keeps those of the others; whoever has none is fine. */
  release(key: OutboxKey, holders: readonly string[]): Promise<void>;
  /** Removes whole dealings; unknown ones are fine. */
  destroy(bundleId: string, dealingIds: readonly string[]): Promise<void>;
  /** All dealings stored. */
  list(): Promise<readonly OutboxKey[]>;
}
