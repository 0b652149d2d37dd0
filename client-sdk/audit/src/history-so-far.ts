import type { BundleHistory } from './bundle-history';
import type { ReceiptHeads } from './receipt-heads';
import type { RegistryTimeline } from './registry-timeline';

/** What rules look at: everything that was read up to what they judge. */
export interface HistorySoFar {
  readonly channel: string;
  /** When the history is judged. */
  readonly nowUnixMs: number;
  readonly registry: RegistryTimeline;
  /** What witnesses said of their receipts. */
  readonly receipts: ReceiptHeads;
  readonly bundles: ReadonlyMap<string, BundleHistory>;
}
