import { ATTESTATION_BOUNDS, type AttestationBounds } from '../attestations/attestation-plan';
import { COLLECTION_BOUNDS, type CollectionBounds } from '../collection/collection-ports';

/** Times that a client keeps, in milliseconds. */
export interface ClientBounds {
  /** Longest time of `EkoClient.connect`. */
  readonly connectMs: number;
  /** A request that is neither active nor ended after this long is ended as failed. */
  readonly setupMs: number;
  /** After its lease, an assignment has this much longer before the client asks for other orchestrators. */
  readonly reassignGraceMs: number;
  /** Longest time of opening a connection, the provider's collection of its key included. */
  readonly openMs: number;
  /** Nobody is told that a connection was lost before the ledger had this long to say that its stream has ended. */
  readonly reasonMs: number;
  /** Streams whose policy says `close` are closed when the ledger has not been seen to advance for this long. */
  readonly ledgerLossMs: number;
  /** Destructions are attested together that fall within this time. */
  readonly attestMs: number;
  /** When a destruction is attested by whom. */
  readonly attestation: AttestationBounds;
  /** Times and counts of collecting a key. */
  readonly collection: CollectionBounds;
}

/** The bounds of a client that is told no others. */
export const CLIENT_BOUNDS: ClientBounds = {
  connectMs: 30_000,
  setupMs: 60_000,
  reassignGraceMs: 3_000,
  openMs: 20_000,
  reasonMs: 10_000,
  ledgerLossMs: 10_000,
  attestMs: 200,
  attestation: ATTESTATION_BOUNDS,
  collection: COLLECTION_BOUNDS,
};
