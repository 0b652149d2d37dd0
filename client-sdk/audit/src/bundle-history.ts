import {
  lapseOf,
  type AcceptanceRecord,
  type AssignmentRecord,
  type BundleRecord,
  type DealingsRecord,
  type EndRecord,
  type Lapse,
} from '@eko/protocol/ledger';
import type { RegistryMoment } from './registry-timeline';
import { isBefore, type HistoryPlace } from './violation';

/** Where something stands on the ledger, and the time that it was given. */
export interface TimedPlace extends HistoryPlace {
  readonly timeUnixMs: number;
}

/** A record and where it stands on the ledger. */
export interface Placed<Record> {
  readonly record: Record;
  readonly at: TimedPlace;
}

/** Leave for parties to collect: the activation, or an `AuthorizeRelease`. */
export interface PlacedPermit {
  readonly at: TimedPlace;
  readonly epoch: number;
  readonly parties: readonly string[];
  readonly streams: 'all' | readonly number[];
}

/** What the ledger says of one bundle, in its order. */
export interface BundleHistory {
  readonly bundle: BundleRecord;
  readonly at: TimedPlace;
  /** The registry as it was at the request. */
  readonly registry: RegistryMoment;
  readonly assignments: Placed<AssignmentRecord>[];
  acceptance?: Placed<AcceptanceRecord>;
  dealings?: Placed<DealingsRecord>;
  /** By transaction. */
  readonly permits: Map<string, PlacedPermit>;
  readonly ends: Placed<EndRecord>[];
  /** Which streams each node has attested to have destroyed. */
  readonly attested: Map<string, 'all' | Set<number>>;
}

/** The first end before a place that concerns a stream: its own, or its bundle's. `all` asks for any end. */
export function endBefore(
  { ends }: BundleHistory,
  streams: 'bundle' | 'all' | readonly number[],
  at: HistoryPlace,
): Placed<EndRecord> | undefined {
  return ends.find(({ record: { index }, at: ended }) => {
    if (!isBefore(ended, at)) return false;
    if (index === undefined) return true;
    return streams === 'all' || (streams !== 'bundle' && streams.includes(index));
  });
}

/** Whether a node is one of the two parties. */
export function isPartyOf({ bundle }: BundleHistory, nodeId: string): boolean {
  return nodeId === bundle.initiator || nodeId === bundle.policy.provider;
}

/** Which streams a selection stands for. */
export function indicesOf({ bundle }: BundleHistory, streams: 'all' | readonly number[]): readonly number[] {
  return streams === 'all' ? bundle.requests.map((_, index) => index) : streams;
}

/** Whether the provider has consented, by a standing offer or by itself. */
export function hasConsent({ bundle, acceptance }: BundleHistory): boolean {
  return bundle.offerId !== undefined || acceptance !== undefined;
}

/** Whether a bundle had lapsed without a record by then, as everybody can know. */
export function lapseBy(
  { bundle, acceptance, dealings, ends }: BundleHistory,
  unixMs: number,
): Lapse | undefined {
  return lapseOf(
    {
      bundle,
      acceptance: acceptance?.record,
      dealings: dealings === undefined ? [] : [dealings.record],
      ends: ends.map(({ record }) => record),
    },
    unixMs,
  );
}
