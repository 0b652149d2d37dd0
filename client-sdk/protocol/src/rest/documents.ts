import { Type, type Static } from '@sinclair/typebox';
import { LIMITS } from '../limits';
import { NodeRecord } from '../ledger/schemas/nodes';
import { BundleId, NodeId, Note, StreamIndex, TransactionId, strictObject } from '../ledger/schemas/scalars';
import { StreamEnd, StreamPolicy, StreamRequest } from '../ledger/schemas/streams';
import { Problem } from './problem';

// What callers send. The server takes nothing beside it.

/** A path, a query, headers or a body that hold nothing. */
export const Nothing = strictObject({});

/** Path of a bundle's routes. */
export const BundlePath = strictObject({ bundleId: BundleId });

/** Path of a stream's routes. */
export const StreamPath = strictObject({ bundleId: BundleId, index: StreamIndex });

/** Path of a transfer's routes. */
export const TransferPath = strictObject({ ...StreamPath.properties, transferId: BundleId });

/** A policy whose duration is held to its bounds here already, and described with them. */
const RequestedPolicy = strictObject({
  ...StreamPolicy.properties,
  durationSeconds: Type.Integer({ minimum: LIMITS.durationSecondsMin, maximum: LIMITS.durationSecondsMax }),
});

/** A request for one stream or a bundle; without a `bundleId` (or an `idempotency-key` header) the party makes one. */
export const NewStreams = strictObject({
  /** A UUID of the caller's own: the same one with the same content asks for the same streams again. */
  bundleId: Type.Optional(BundleId),
  /** The one policy of all the streams. */
  policy: RequestedPolicy,
  /** What each stream is about, 1 to 200 of them. */
  requests: Type.Array(StreamRequest, { minItems: 1, maxItems: LIMITS.requestsPerBundle }),
});
export type NewStreams = Static<typeof NewStreams>;

/** Headers of a request for streams. */
export const NewStreamsHeaders = strictObject({ 'idempotency-key': Type.Optional(BundleId) });

/** A public reason. */
export const Reason = strictObject({ note: Type.Optional(Note) });

/** States by which streams can be listed. */
const StateName = Type.Union([
  Type.Literal('requested'),
  Type.Literal('accepted'),
  Type.Literal('active'),
  Type.Literal('ended'),
]);

/** This party's side of a stream. */
const RoleName = Type.Union([Type.Literal('initiator'), Type.Literal('provider')]);

/** Which streams to list. */
export const StreamFilter = strictObject({
  /** Only those in this state. */
  state: Type.Optional(StateName),
  /** Only those in which the party has this part. */
  role: Type.Optional(RoleName),
  /** How many at the most, 1 to 100; 50 where it is not said. */
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: LIMITS.listPage })),
  /** The last ID of the page before. */
  after: Type.Optional(Type.String({ pattern: '^[0-9a-f-]{36}/[0-9]{1,3}$' })),
});
export type StreamFilter = Static<typeof StreamFilter>;

/** Headers of the event feed: where a reader goes on. */
export const FeedHeaders = strictObject({
  'last-event-id': Type.Optional(Type.String({ pattern: '^[A-Za-z0-9/._-]{1,128}$' })),
});

/** Body of a request for an application's key: its label, and its length in bytes. */
export const ExportRequest = strictObject({
  label: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9 ._:/-]{0,63}$' }),
  lengthBytes: Type.Integer({ minimum: 16, maximum: 1024 }),
});

const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' });

/** What went through, as one end counted it. */
export const TransferTotals = strictObject({
  /** How many bytes. */
  bytes: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  /** The SHA-256 over all of them, in hex. */
  sha256: Sha256,
});
export type TransferTotals = Static<typeof TransferTotals>;

// What a party answers. It adds nothing to it; who reads it allows for more, which a later version may say.

/** A stream as the REST API shows it: public facts of the ledger alone. */
export const StreamDocument = strictObject({
  /** `bundleId/index`. */
  streamId: Type.String(),
  /** The bundle that it was requested in. */
  bundleId: BundleId,
  /** Its place in that bundle, from 0. */
  index: StreamIndex,
  /** The part that the party which answers has in it. */
  role: RoleName,
  /** How far it is. */
  state: StateName,
  /** Node ID of the party that requested it. */
  initiator: NodeId,
  /** Node ID of the party that serves it. */
  provider: NodeId,
  /** What it is about. */
  request: StreamRequest,
  /** The transaction that requested it. */
  requestTxId: TransactionId,
  /** The transaction that made it active, if one has. */
  activeTxId: Type.Optional(TransactionId),
  /** Node IDs of the witnesses that were drawn for it, once it is active. */
  witnesses: Type.Optional(Type.Array(NodeId)),
  /** How it ended, if it has. */
  end: Type.Optional(StreamEnd),
  /** When it was requested, RFC 3339 in UTC. */
  requestedAt: Type.String({ format: 'date-time' }),
  /** When it ends at the latest, RFC 3339 in UTC. */
  notAfter: Type.String({ format: 'date-time' }),
});
export type StreamDocument = Static<typeof StreamDocument>;

/** A bundle with its streams. */
export const BundleDocument = strictObject({
  /** Its UUID. */
  bundleId: BundleId,
  /** The one policy of all its streams. */
  policy: StreamPolicy,
  /** Its streams, by their places. */
  streams: Type.Array(StreamDocument),
});
export type BundleDocument = Static<typeof BundleDocument>;

/** A page of streams in order of their IDs. */
export const StreamPage = strictObject({
  /** The streams. */
  streams: Type.Array(StreamDocument),
  /** Where there are more: what to pass as `after` for the next page. */
  next: Type.Optional(Type.String()),
});
export type StreamPage = Static<typeof StreamPage>;

/** The nodes that the ledger names. */
export const NodeList = strictObject({ nodes: Type.Array(NodeRecord) });

/** A key for the application, base64url. */
export const ExportedKey = strictObject({ label: Type.String(), key: Type.String() });

/** What became of a transfer. */
export const TransferDocument = strictObject({
  /** The name that its program gave it, or one of the party's own. */
  transferId: BundleId,
  /** `bundleId/index`. */
  streamId: Type.String(),
  /** Which way its bytes go, as the program sees it. */
  direction: Type.Union([Type.Literal('send'), Type.Literal('receive')]),
  /** How far it is. */
  state: Type.Union([
    Type.Literal('waiting'),
    Type.Literal('open'),
    Type.Literal('confirming'),
    Type.Literal('done'),
    Type.Literal('failed'),
  ]),
  /** How many bytes have gone through. */
  bytes: Type.Integer(),
  /** The hash over all of them, once all have. */
  sha256: Type.Optional(Sha256),
  /** Why it failed, if it has. */
  failure: Type.Optional(Problem),
});
export type TransferDocument = Static<typeof TransferDocument>;

/** What was sent, and confirmed by the other side. */
export const SentDocument = strictObject({ transferId: BundleId, ...TransferTotals.properties });
