import { distinctArray } from './distinct-array';
import { Type, type Static } from '@sinclair/typebox';
import { LIMITS } from '../../limits';
import {
  BundleId,
  Bytes32,
  Bytes80,
  EndAuthor,
  Fence,
  MspId,
  NodeId,
  Note,
  Permission,
  ShortText,
  StreamIndex,
  StreamSelection,
  TransactionId,
  UnixMs,
  strictObject,
} from './scalars';

/** What endpoints do that cannot see the ledger advance. */
export const OnLedgerLoss = Type.Union([Type.Literal('close'), Type.Literal('continue')]);

/** How many connections one stream may have at a time. */
export const MaxConnections = Type.Integer({ minimum: 1, maximum: LIMITS.connectionsPerStream });

/**
 * How witnesses are chosen and how many must agree.
 * @see docs/protocol.md, "1. Request and consent", "2. The draw" and "3. Dealing"
 */
export const WitnessPolicy = strictObject({
  /** How many witnesses are drawn, 1 to 16. */
  count: Type.Integer({ minimum: 1, maximum: LIMITS.witnesses }),
  /** How many of them must release their shares before a party has the key; fewer than `count` lets some fail. */
  quorum: Type.Integer({ minimum: 1, maximum: LIMITS.witnesses }),
  /** Whether quorum + 1 witnesses together may rebuild a contribution, to verify it. Needs count > quorum. */
  witnessesCanVerify: Type.Boolean(),
  /** Most witnesses of one organisation. Below `quorum`, no organisation can release a key alone. */
  maxPerOrg: Type.Integer({ minimum: 1, maximum: LIMITS.witnesses }),
  /** Only witnesses that say they run in one of these zones; without it, anywhere. */
  zones: Type.Optional(distinctArray(ShortText, { minItems: 1, maxItems: LIMITS.tags })),
  /** Only witnesses that carry every one of these tags; without it, any. */
  tags: Type.Optional(distinctArray(ShortText, { minItems: 1, maxItems: LIMITS.tags })),
  /** Whether witnesses of the parties' own organisations are no candidates; default no. */
  excludePartyMsps: Type.Optional(Type.Boolean()),
});
export type WitnessPolicy = Static<typeof WitnessPolicy>;

/** The one policy of a bundle. */
export const StreamPolicy = strictObject({
  /** Node ID of the party that is to serve the streams, and whose consent they need. */
  provider: NodeId,
  /** Longest life of the streams, in seconds from the request on: 5 seconds to 7 days. */
  durationSeconds: Type.Integer(),
  /** Who keeps the shares of the key, and how many of them must agree. */
  witnesses: WitnessPolicy,
  /**
   * How many orchestrators deal, of different organisations as far as there are any. Ask for more than there are
   * organisations that might collude: then they never are all dealers. With as many as collude they are as often as by
   * chance, and again as often in what they stall (two of four: about 28 % instead of 17 %); under a standing offer an
   * initiator among them can have its way. At most two thirds of the organisations, and one that does not answer cannot
   * make a set-up fail. @see docs/protocol.md, "1. Request and consent"
   */
  dealers: Type.Integer({ minimum: 1, maximum: LIMITS.dealers }),
  /** What endpoints do that cannot see the ledger advance. */
  onLedgerLoss: OnLedgerLoss,
  /** Most connections of one stream at a time; `POLICY_DEFAULTS` has what counts without it. */
  maxConnections: Type.Optional(MaxConnections),
  /** How long the request waits for the provider's consent. */
  consentSeconds: Type.Optional(
    Type.Integer({ minimum: LIMITS.consentSecondsMin, maximum: LIMITS.consentSecondsMax }),
  ),
});
export type StreamPolicy = Static<typeof StreamPolicy>;

/** One stream's own metadata. */
export const StreamRequest = strictObject({
  /** What kind of data, in a word that both parties know, such as `file`. Standing offers go by it. */
  dataType: ShortText,
  /** `read` (from provider to initiator), `write` (the other way), and `app:` words for the application to enforce. */
  permissions: distinctArray(Permission, { minItems: 1, maxItems: LIMITS.permissions }),
  /** Up to 8 notes by name for people and programs. They stand on the ledger: never put a secret here. */
  labels: Type.Optional(
    Type.Record(Type.String({ pattern: '^[a-z0-9][a-z0-9.-]{0,31}$' }), Note, {
      maxProperties: LIMITS.labels,
      additionalProperties: false,
    }),
  ),
});
export type StreamRequest = Static<typeof StreamRequest>;

/** Argument of `RequestStreams`. */
export const RequestStreams = strictObject({
  bundleId: BundleId,
  policy: StreamPolicy,
  requests: Type.Array(StreamRequest, { minItems: 1, maxItems: LIMITS.requestsPerBundle }),
  /**
   * A free place among those of the initiator's organisation that wait for this provider; only needed where no offer
   * covers the request. It is no part of the request: the same one with another slot is still the same one.
   */
  slot: Type.Optional(Type.Integer({ minimum: 0, maximum: LIMITS.openSlots - 1 })),
});
export type RequestStreams = Static<typeof RequestStreams>;

/** Argument of `ReadOpenSlots`. */
export const ProviderReference = strictObject({ provider: NodeId });
export type ProviderReference = Static<typeof ProviderReference>;

/** Answer of `ReadOpenSlots`: the slots of the caller's organisation in which a request waits for the provider. */
export const OpenSlots = strictObject({ taken: Type.Array(Type.Integer({ minimum: 0 })) });
export type OpenSlots = Static<typeof OpenSlots>;

/** Which bundle holds a slot, and until when it can wait at the most. */
export const OpenSlotRecord = strictObject({ bundleId: BundleId, untilUnixMs: UnixMs });
export type OpenSlotRecord = Static<typeof OpenSlotRecord>;

/** Argument of `ReadBundle`. */
export const BundleReference = strictObject({ bundleId: BundleId });
export type BundleReference = Static<typeof BundleReference>;

/**
 * Argument of `AcceptStream`: with the provider's VRF proof over the `consentInput`, by the key that it had at the request.
 * @see docs/protocol.md, "1. Request and consent"
 */
export const AcceptStream = strictObject({ bundleId: BundleId, proof: Bytes80 });
export type AcceptStream = Static<typeof AcceptStream>;

/** Argument of `DeclineStream`. */
export const DeclineStream = strictObject({ bundleId: BundleId, note: Type.Optional(Note) });
export type DeclineStream = Static<typeof DeclineStream>;

/** Argument of `ReassignOrchestrators`: the lease of the assignment numbered `fence` has run out. It accuses nobody. */
export const ReassignOrchestrators = strictObject({ bundleId: BundleId, fence: Fence });
export type ReassignOrchestrators = Static<typeof ReassignOrchestrators>;

/** Argument of `EndStream`. */
export const EndStream = strictObject({
  bundleId: BundleId,
  streams: StreamSelection,
  reason: Type.Union([Type.Literal('completed'), Type.Literal('expired'), Type.Literal('failed')]),
  note: Type.Optional(Note),
});
export type EndStream = Static<typeof EndStream>;

/** Argument of `RevokeStream`. */
export const RevokeStream = strictObject({
  bundleId: BundleId,
  streams: StreamSelection,
  note: Type.Optional(Note),
});
export type RevokeStream = Static<typeof RevokeStream>;

/** Why a stream ended. */
export const EndReason = Type.Union([
  Type.Literal('completed'),
  Type.Literal('revoked'),
  Type.Literal('expired'),
  Type.Literal('declined'),
  Type.Literal('failed'),
]);
export type EndReason = Static<typeof EndReason>;

/** What a bundle's record and its terms have in common. `notAfterUnixMs` = request time + duration. */
const bundleTerms = {
  bundleId: BundleId,
  initiator: NodeId,
  initiatorMsp: MspId,
  providerMsp: MspId,
  policy: StreamPolicy,
  policyHash: Bytes32,
  /** SHA-256 of the whole argument: a retry with another body is refused. */
  requestHash: Bytes32,
  requestTxId: TransactionId,
  requestedAtUnixMs: UnixMs,
  notAfterUnixMs: UnixMs,
  /** Version of the witness roster at the request: later entries are no candidates. */
  rosterVersion: Type.Integer({ minimum: 0 }),
  /** The same of the orchestrators: who changes its `vrf` key after the request cannot deal this bundle. */
  orchestratorRosterVersion: Type.Integer({ minimum: 0 }),
};

/** The request of a bundle as the ledger holds it; written once. It has an `offerId` or a `providerVrf`, never both. */
export const BundleRecord = strictObject({
  ...bundleTerms,
  requests: Type.Array(StreamRequest),
  /** The provider's standing offer that this request satisfies. */
  offerId: Type.Optional(NodeId),
  /** Where the provider is asked: the `vrf` key that it had at the request, by which it consents. */
  providerVrf: Type.Optional(Bytes32),
});
export type BundleRecord = Static<typeof BundleRecord>;

/** What orchestrators and witnesses need to know of a bundle: everything but what its streams are about. */
export const BundleTerms = strictObject({
  ...bundleTerms,
  /** How many streams it has. */
  streams: Type.Integer({ minimum: 1, maximum: LIMITS.requestsPerBundle }),
});
export type BundleTerms = Static<typeof BundleTerms>;

/** The provider's own consent; written once. */
export const AcceptanceRecord = strictObject({
  bundleId: BundleId,
  by: NodeId,
  /** The provider's VRF proof, from which the seed of the assignments follows. */
  proof: Bytes80,
  txId: TransactionId,
  atUnixMs: UnixMs,
});
export type AcceptanceRecord = Static<typeof AcceptanceRecord>;

/**
 * Who deals a bundle, the lead first; one record per fence, written once. The first is written by the transaction that
 * consents.
 */
export const AssignmentRecord = strictObject({
  bundleId: BundleId,
  fence: Fence,
  /** From `assignmentSeed`; the same at every fence. */
  seed: Bytes32,
  orchestrators: Type.Array(NodeId, { minItems: 1, maxItems: LIMITS.dealers }),
  /** After the first: who held the lease when it ran out. It says nothing about whose doing that was. */
  heldBy: Type.Optional(Type.Array(NodeId, { minItems: 1, maxItems: LIMITS.dealers })),
  txId: TransactionId,
  atUnixMs: UnixMs,
});
export type AssignmentRecord = Static<typeof AssignmentRecord>;

/** The tombstone of a bundle (`index` absent) or of one stream; written once. */
export const EndRecord = strictObject({
  bundleId: BundleId,
  index: Type.Optional(StreamIndex),
  reason: EndReason,
  by: EndAuthor,
  note: Type.Optional(Note),
  txId: TransactionId,
  atUnixMs: UnixMs,
});
export type EndRecord = Static<typeof EndRecord>;

/**
 * An end that follows from the time alone and has no record: nobody consented in time, or nobody dealt.
 * @see docs/protocol.md, "6. The end"
 */
export const Lapse = strictObject({
  reason: Type.Union([Type.Literal('expired'), Type.Literal('failed')]),
  /** What nobody did by then. */
  atUnixMs: UnixMs,
});
export type Lapse = Static<typeof Lapse>;

/** How a stream ended: its tombstone, or that of its bundle, or a lapse, which nobody wrote. */
export const StreamEnd = strictObject({
  /** The bundle of the stream. */
  bundleId: BundleId,
  /** The stream's place in its bundle; without it, the whole bundle ended. */
  index: Type.Optional(StreamIndex),
  /** Why it ended. */
  reason: EndReason,
  /** The node that ended it, or `admin:` and the MSP whose administrator did; without it, it lapsed by itself. */
  by: Type.Optional(EndAuthor),
  /** What the one who ended it wrote to it, for people. */
  note: Type.Optional(Note),
  /** The transaction that ended it; without it, it lapsed by itself. */
  txId: Type.Optional(TransactionId),
  /** When, in milliseconds of Unix time: that of the transaction, or the deadline that passed. */
  atUnixMs: UnixMs,
});
export type StreamEnd = Static<typeof StreamEnd>;

/** States of a stream, derived from which records exist. */
export type StreamState = 'requested' | 'accepted' | 'active' | 'ended';
