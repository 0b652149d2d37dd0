import type { Supervisor } from '../processes/supervisor';
import type { DevLayout } from './dev-layout';
import type { DevNetworkFile } from './network-file';

/** The ledger of a development network, whichever it is. */
export interface DevLedger {
  /**
   * Brings it up, or what of it does not run, and writes each node's Fabric profile.
   *
   * @param supervisor - starts its process, where it is one that ends with its starter
   */
  up(supervisor: Supervisor): Promise<void>;
  /** Stops what `up` started and what does not end with its starter. */
  down(): Promise<void>;
}

/** What a ledger is brought up with. */
export interface DevLedgerOptions {
  readonly layout: DevLayout;
  readonly network: DevNetworkFile;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly blockTimeoutMs: number | undefined;
  /** Whether nothing of the network shall stay on a ledger that outlives it. */
  readonly isTemporary: boolean;
}
