import type { BundleTerms, NodeRecord } from '@eko/protocol/ledger';
import type { Checkpoint } from '@eko/sdk';

/** What any node knows of a bundle: at least the ledger's record of it. */
export interface KnownBundle {
  readonly bundle: BundleTerms;
}

/** One durable step of a book of bundles. */
export interface BundleChange<State extends KnownBundle> {
  readonly bundles: readonly State[];
  /** IDs of bundles that are finished here. */
  readonly forget: readonly string[];
  /** Nodes whose records changed on the way to the checkpoint. */
  readonly nodes: readonly NodeRecord[];
  /** Where the event subscription stands after this change. */
  readonly checkpoint?: Checkpoint;
}

/** What the changes so far come to. */
export interface StoredBook<State extends KnownBundle> {
  readonly bundles: readonly State[];
  readonly nodes: readonly NodeRecord[];
  readonly checkpoint?: Checkpoint;
}

/** Bundles, and the registry as it was at the node's place on the ledger, with that place, written in one step. */
export interface BundleStore<State extends KnownBundle> {
  load(): Promise<StoredBook<State>>;
  save(change: BundleChange<State>): Promise<void>;
}
