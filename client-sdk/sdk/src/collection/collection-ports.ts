import type { EkoError, SecretBytes } from '@eko/protocol';
import type { BundleView, CollectionProof, NodeRecord } from '@eko/protocol/ledger';
import type { HpkePrimitives, SignatureVerifier } from '@eko/protocol/crypto';
import type { PartyKeys } from '../nodes/party-keys';
import type { PeerCaller } from '../nodes/peer-caller';
import type { HedgeDelay } from './hedge-delay';
import type { HedgeBounds } from './release-plan';
import type { WitnessStanding } from './witness-standing';

/** Everything outside that a collection needs. */
export interface CollectionPorts {
  readonly peers: PeerCaller;
  readonly keys: Pick<PartyKeys, 'kem'>;
  readonly primitives: HpkePrimitives;
  readonly verify: SignatureVerifier;
  /** The registered node of that name; throws `NOT_FOUND`. */
  readonly node: (nodeId: string) => NodeRecord;
  /** The bundle as the ledger is seen now: ended streams are no longer collected. */
  readonly view: () => BundleView;
  /** Submits `AuthorizeRelease` for these streams and answers its transaction ID. */
  readonly authorize: (streams: readonly number[], signal: AbortSignal) => Promise<string>;
  readonly monotonicMs: () => number;
  /** Shared by all collections of a party; without it nobody was ever late. */
  readonly standing?: WitnessStanding;
  /** Shared by all collections of a party; without it, every witness is waited for as long as `hedgeMs` says. */
  readonly hedging?: HedgeDelay;
}

/** Where results go, as they come. */
export interface CollectionSink {
  /** A stream's epoch key; it is the sink's from here on. */
  key(index: number, key: SecretBytes<'epoch key'>): void;
  /** A stream that will have no key: `STREAM_ENDED`, `BAD_DEALING`, `BAD_SHARE` of what a dealer gave this party. */
  failed(index: number, error: EkoError): void;
  /** Evidence against a witness or a dealer. */
  accuse(proof: CollectionProof): void;
}

/** Bounds of a collection, in milliseconds; `hedgeMs` is an upper bound of what is waited for one witness. */
export interface CollectionBounds extends HedgeBounds {
  readonly deadlineMs: number;
  /** Longest time of one call to a node. */
  readonly callMs: number;
}

/** Bounds that suit nodes a few milliseconds apart as well as a continent. */
export const COLLECTION_BOUNDS: CollectionBounds = {
  deadlineMs: 30_000,
  callMs: 5_000,
  hedgeMs: 400,
  retryFirstMs: 100,
  retryMostMs: 2_000,
};
