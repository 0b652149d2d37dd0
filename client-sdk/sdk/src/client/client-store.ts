import type { BundleView, NodeRecord } from '@eko/protocol/ledger';
import type { Checkpoint } from '../ledger/ledger';

/** A bundle as a client remembers it: public facts of the ledger, never a key or a share. */
export interface RememberedBundle {
  /** What the ledger says of it. */
  readonly view: BundleView;
  /** Ended streams whose destruction this party has not attested yet, by index; `all` for a bundle that ended as one. */
  readonly owed?: 'all' | readonly number[];
}

/** One durable step: all of it is written, or none. */
export interface ClientChange {
  /** The party whose view this is. */
  readonly nodeId: string;
  /** Up to where the ledger's events are contained in what is stored. */
  readonly checkpoint: Checkpoint;
  /** Bundles that are new or have changed. */
  readonly bundles: readonly RememberedBundle[];
  /** IDs of bundles that are remembered no longer. */
  readonly forget: readonly string[];
  /** Records of nodes that are new or have changed. */
  readonly nodes: readonly NodeRecord[];
}

/** What the changes so far come to. */
export type StoredClient = Omit<ClientChange, 'forget'>;

/**
 * Where a client keeps its view of the ledger, so that a restart reads new blocks only. Optional: all of it can be read
 * from the ledger again. One client at a time uses it.
 */
export interface ClientStore {
  /**
   * Answers what was saved, `undefined` before the first save; bundles and nodes in any order.
   *
   * @throws EkoError `CORRUPT_RECORD` for what does not hold, with what to remove
   */
  load(): Promise<StoredClient | undefined>;
  /**
   * Takes a copy of the change before it first waits, and resolves once it is durable as a whole. It must settle: nothing
   * but the client's closing waits for it, and that for as long as it takes.
   */
  save(change: ClientChange): Promise<void>;
}
