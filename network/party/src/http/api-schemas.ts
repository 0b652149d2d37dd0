import { LIMITS, StreamPolicy, StreamRequest } from '@eko/protocol';
import { BundleId, NodeRecord, StreamIndex, strictObject } from '@eko/protocol/ledger';
import { Type, type Static } from '@eko/protocol/encoding';
import { RoleName, StateName, StreamDocument } from './stream-document';

/** A policy whose duration is held to its bounds here already, and described with them. */
const RequestedPolicy = strictObject({
  ...StreamPolicy.properties,
  durationSeconds: Type.Integer({ minimum: LIMITS.durationSecondsMin, maximum: LIMITS.durationSecondsMax }),
});

/** Body of a request for streams; without a `bundleId` (or an `idempotency-key` header) one is made. */
export const NewStreams = strictObject({
  bundleId: Type.Optional(BundleId),
  policy: RequestedPolicy,
  requests: Type.Array(StreamRequest, { minItems: 1, maxItems: LIMITS.requestsPerBundle }),
});

/** Headers of a request for streams. */
export const NewStreamsHeaders = strictObject({ 'idempotency-key': Type.Optional(BundleId) });

/** Headers of the event feed: where a reader goes on. */
export const FeedHeaders = strictObject({
  'last-event-id': Type.Optional(Type.String({ pattern: '^[A-Za-z0-9/._-]{1,128}$' })),
});

/** Path of a bundle's routes. */
export const BundlePath = strictObject({ bundleId: BundleId });

/** Path of a stream's routes. */
export const StreamPath = strictObject({ bundleId: BundleId, index: StreamIndex });

/** Path of a transfer's routes. */
export const TransferPath = strictObject({ ...StreamPath.properties, transferId: BundleId });

const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' });

/** What a program says that it has received. */
export const Confirmation = strictObject({
  bytes: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  sha256: Sha256,
});

/** A body, a query or headers that hold nothing. */
export const Nothing = strictObject({});

/** Which streams to list; `after` is the last ID of the page before. */
export const ListQuery = strictObject({
  state: Type.Optional(StateName),
  role: Type.Optional(RoleName),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: LIMITS.listPage })),
  after: Type.Optional(Type.String({ pattern: '^[0-9a-f-]{36}/[0-9]{1,3}$' })),
});

/** A page of streams in order of their IDs; `next` is what to pass as `after`. */
export const StreamPage = strictObject({
  streams: Type.Array(StreamDocument),
  next: Type.Optional(Type.String()),
});

/** The nodes that the ledger names. */
export const NodeList = strictObject({ nodes: Type.Array(NodeRecord) });

/** Body of a request for an application's key: its label, and its length in bytes. */
export const ExportRequest = strictObject({
  label: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9 ._:/-]{0,63}$' }),
  lengthBytes: Type.Integer({ minimum: 16, maximum: 1024 }),
});

/** A key for the application, base64url. */
export const ExportedKey = strictObject({ label: Type.String(), key: Type.String() });

/** An error. @see RFC 9457 */
export const ProblemDocument = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  code: Type.String(),
  detail: Type.String(),
});

/** What became of a transfer; a failed one says why. */
export const TransferDocument = strictObject({
  transferId: BundleId,
  streamId: Type.String(),
  direction: Type.Union([Type.Literal('send'), Type.Literal('receive')]),
  state: Type.Union([
    Type.Literal('waiting'),
    Type.Literal('open'),
    Type.Literal('confirming'),
    Type.Literal('done'),
    Type.Literal('failed'),
  ]),
  bytes: Type.Integer(),
  sha256: Type.Optional(Sha256),
  failure: Type.Optional(ProblemDocument),
});
export type TransferDocument = Static<typeof TransferDocument>;

/** What was sent, and confirmed by the other side. */
export const SentDocument = strictObject({ transferId: BundleId, ...Confirmation.properties });
