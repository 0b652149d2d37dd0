import { StreamEnd, StreamPolicy, StreamRequest, formatStreamId } from '@eko/protocol';
import {
  BundleId,
  NodeId,
  Note,
  StreamIndex,
  TransactionId,
  strictObject,
  streamEndOf,
  streamStateOf,
  type BundleView,
} from '@eko/protocol/ledger';
import { Type, type Static } from '@eko/protocol/encoding';

/** States by which streams can be listed. */
export const StateName = Type.Union([
  Type.Literal('requested'),
  Type.Literal('accepted'),
  Type.Literal('active'),
  Type.Literal('ended'),
]);

/** This party's side of a stream. */
export const RoleName = Type.Union([Type.Literal('initiator'), Type.Literal('provider')]);

/** A stream as the REST API shows it: public facts of the ledger alone. */
export const StreamDocument = strictObject({
  streamId: Type.String(),
  bundleId: BundleId,
  index: StreamIndex,
  role: RoleName,
  state: StateName,
  initiator: NodeId,
  provider: NodeId,
  request: StreamRequest,
  requestTxId: TransactionId,
  activeTxId: Type.Optional(TransactionId),
  witnesses: Type.Optional(Type.Array(NodeId)),
  end: Type.Optional(StreamEnd),
  requestedAt: Type.String({ format: 'date-time' }),
  notAfter: Type.String({ format: 'date-time' }),
});
export type StreamDocument = Static<typeof StreamDocument>;

/** A bundle with its streams. */
export const BundleDocument = strictObject({
  bundleId: BundleId,
  policy: StreamPolicy,
  streams: Type.Array(StreamDocument),
});
export type BundleDocument = Static<typeof BundleDocument>;

/** A public reason. */
export const Reason = strictObject({ note: Type.Optional(Note) });

/** One stream of a bundle, for the party `nodeId`. */
export function streamDocument(view: BundleView, index: number, nodeId: string): StreamDocument | undefined {
  const { bundle, dealings } = view;
  const request = bundle.requests[index];
  if (request === undefined) return undefined;
  const record = dealings.at(-1);
  const end = streamEndOf(view, index);
  const draw = record?.selection.draws[index];
  return {
    streamId: formatStreamId({ bundleId: bundle.bundleId, index }),
    bundleId: bundle.bundleId,
    index,
    role: bundle.initiator === nodeId ? 'initiator' : 'provider',
    state: streamStateOf(view, index),
    initiator: bundle.initiator,
    provider: bundle.policy.provider,
    request,
    requestTxId: bundle.requestTxId,
    ...(record === undefined ? {} : { activeTxId: record.txId }),
    ...(record === undefined || draw === undefined
      ? {}
      : { witnesses: draw.flatMap((place) => record.selection.witnesses[place] ?? []) }),
    ...(end === undefined ? {} : { end }),
    requestedAt: isoTime(bundle.requestedAtUnixMs),
    notAfter: isoTime(bundle.notAfterUnixMs),
  };
}

/** A bundle with all its streams. */
export function bundleDocument(view: BundleView, nodeId: string): BundleDocument {
  const { bundleId, policy, requests } = view.bundle;
  return {
    bundleId,
    policy,
    streams: requests.flatMap((_, index) => streamDocument(view, index, nodeId) ?? []),
  };
}

/** RFC 3339 in UTC. */
function isoTime(unixMs: number): string {
  return new Date(unixMs).toISOString();
}
