import type { FabricProfile } from '../ledger/fabric-profile';
import type { Ledger } from '../ledger/ledger';
import type { CallLimits } from '../pacing/deadline';
import type { StreamClock } from '../streams/stream-clock';
import type { ClientBounds } from './client-bounds';
import type { ClientObserver } from './client-context';
import type { ClientStore } from './client-store';
import type { PartyKeyFolder, PartyMeans } from './party-means';

/** What a client is told beside whose keys it uses. */
export interface ConnectOptions extends CallLimits {
  /** How to reach the ledger, and as whom; or a ledger that is connected, which the client then leaves open. */
  readonly ledger: FabricProfile | Ledger;
  /** How long it waits for what, where that is not as in `CLIENT_BOUNDS`. */
  readonly bounds?: Partial<ClientBounds>;
  /** Is told what happens, for logs and metrics. */
  readonly observer?: ClientObserver;
  /** The time and the timers that the life of connections goes by; the machine's own without it. */
  readonly clock?: StreamClock;
  /** Remembers the view of the ledger, so that the next start reads new blocks only; without it, it reads all. */
  readonly store?: ClientStore;
}

/** What `EkoClient.connect` takes: a ledger, and a key folder or the keys themselves with a way to other nodes. */
export type EkoClientOptions = ConnectOptions & (PartyKeyFolder | PartyMeans);
