import { EndReason, StreamRequest } from '@eko/protocol';
import { Type, type Static } from '@eko/protocol/encoding';

/** What the command needs of a stream as a party's REST API shows it; more may be there. */
export const StreamFacts = Type.Object({
  streamId: Type.String(),
  bundleId: Type.String(),
  index: Type.Integer(),
  role: Type.Union([Type.Literal('initiator'), Type.Literal('provider')]),
  state: Type.Union([
    Type.Literal('requested'),
    Type.Literal('accepted'),
    Type.Literal('active'),
    Type.Literal('ended'),
  ]),
  initiator: Type.String(),
  provider: Type.String(),
  request: StreamRequest,
  requestTxId: Type.String(),
  activeTxId: Type.Optional(Type.String()),
  witnesses: Type.Optional(Type.Array(Type.String())),
  end: Type.Optional(
    Type.Object({
      reason: EndReason,
      by: Type.String(),
      txId: Type.String(),
      note: Type.Optional(Type.String()),
    }),
  ),
  notAfter: Type.String(),
});
export type StreamFacts = Static<typeof StreamFacts>;

/** A bundle with its streams. */
export const BundleFacts = Type.Object({ bundleId: Type.String(), streams: Type.Array(StreamFacts) });
export type BundleFacts = Static<typeof BundleFacts>;

/** One page of a party's streams. */
export const StreamList = Type.Object({
  streams: Type.Array(StreamFacts),
  next: Type.Optional(Type.String()),
});
export type StreamList = Static<typeof StreamList>;
