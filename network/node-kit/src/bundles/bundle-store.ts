import type { BundleRecord } from '@eko/protocol';
import type { Checkpoint } from '@eko/sdk';

/** What any node knows of a bundle: at least the ledger's record of it. */
export interface KnownBundle {
  readonly bundle: BundleRecord;
}

/** One durable step of a book of bundles. */
export interface BundleChange<State extends KnownBundle> {
  readonly bundles: readonly State[];
  /** IDs of bundles that are finished here. */
  readonly forget: readonly string[];
  /** Where the event subscription stands after this change. */
  readonly checkpoint?: Checkpoint;
}

/** Bundles with the node's place on the ledger, written in one step. */
export interface BundleStore<State extends KnownBundle> {
  load(): Promise<{ readonly bundles: readonly State[]; readonly checkpoint?: Checkpoint }>;
  save(change: BundleChange<State>): Promise<void>;
}
