import type { WitnessedBundle } from '../core/witnessed-bundle';

/** Where the witness's event subscription stands. */
export interface WitnessCheckpoint {
  readonly channel: string;
  readonly chaincode: string;
  readonly blockNumber: string;
  readonly txId: string;
}

/** What a witness must not lose: its bundles and its place on the ledger, written in one durable step. */
export interface WitnessStore {
  load(): Promise<{ readonly bundles: readonly WitnessedBundle[]; readonly checkpoint?: WitnessCheckpoint }>;
  save(change: {
    readonly bundles: readonly WitnessedBundle[];
    readonly forget: readonly string[];
    readonly checkpoint?: WitnessCheckpoint;
  }): Promise<void>;
}
