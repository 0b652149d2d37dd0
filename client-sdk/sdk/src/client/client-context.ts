import type { EkoError } from '@eko/protocol';
import type { CollectionProof, LedgerEvent } from '@eko/protocol/ledger';
import type { BundleProjection } from '../bundles/bundle-projection';
import type { Ledger } from '../ledger/ledger';
import type { EndpointPolicy } from '../nodes/endpoint-policy';
import type { NodeDirectory } from '../nodes/node-directory';
import type { PartyKeys } from '../nodes/party-keys';
import type { PeerCaller } from '../nodes/peer-caller';
import type { DataDirection } from '../streams/granted-directions';
import type { LiveStreams } from '../streams/live-streams';
import type { StreamRefusal } from '../streams/secure-stream-server';
import type { EndedStream } from '../streams/stream-ending';
import type { ClosedConnection } from '../streams/stream-traffic';
import type { StreamClock } from '../streams/stream-clock';
import type { ClientBounds } from './client-bounds';

/** Told of what a client sees and does in the background; must not throw. */
export interface ClientObserver {
  /** Something failed that the client tries again or has dealt with. */
  onTrouble?(error: EkoError, what: string): void;
  /** Every ledger event in order, after the client has taken it in: from the ledger's first block on, or from where the client's store says. */
  onEvent?(event: LedgerEvent): void;
  /** Data went a way that the stream's permissions do not grant: what came in was not taken, what was to go out not sent. */
  onDirectionRefused?(streamId: string, direction: DataDirection): void;
  /** Evidence against a witness or a dealer, to be kept and shown. */
  onEvidence?(proof: CollectionProof): void;
  /** A stranger, or an initiator that may not, was turned away from a provider's listener. */
  onRefused?(refusal: StreamRefusal): void;
  /** A connection of a stream is open: both ends proved its key. */
  onOpened?(streamId: string): void;
  /** Such a connection is closed. */
  onClosed?(connection: ClosedConnection): void;
  /** A stream ended on the ledger, and the last of its connections here is closed. */
  onEnded?(ended: EndedStream): void;
}

/** What the parts of one client share. */
export interface ClientContext {
  readonly ledger: Ledger;
  readonly keys: PartyKeys;
  readonly peers: PeerCaller;
  readonly endpoints: EndpointPolicy;
  readonly directory: NodeDirectory;
  readonly bundles: BundleProjection;
  readonly live: LiveStreams;
  readonly clock: StreamClock;
  readonly bounds: ClientBounds;
  readonly observer: ClientObserver;
  /** Aborts when the client closes. */
  readonly closing: AbortSignal;
}
