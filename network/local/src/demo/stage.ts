import type { FabricProfile, Ledger } from '@eko/sdk';
import type { DevNetwork } from '../dev/dev-network';
import type { PartyAccess, PartyApi } from '@eko/sdk/rest';
import type { Terminal } from '@eko/command';
import type { LedgerLog } from './ledger-log';
import type { Timeline } from './timeline';

/** One of the two parties, through its REST API. */
export interface StagedParty {
  readonly access: PartyAccess;
  readonly api: PartyApi;
}

/** Everything that the parts of the demo share. */
export interface Stage {
  readonly network: DevNetwork;
  readonly initiator: StagedParty;
  readonly provider: StagedParty;
  /** Read as somebody with no part in anything. */
  readonly ledger: Ledger;
  /** How that reader reaches the ledger. */
  readonly profile: FabricProfile;
  readonly log: LedgerLog;
  readonly timeline: Timeline;
  readonly terminal: Terminal;
  /** The file that is moved. */
  readonly file: string;
  readonly signal: AbortSignal;
}
