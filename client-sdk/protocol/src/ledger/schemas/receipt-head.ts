import { Type, type Static } from '@sinclair/typebox';
import { Bytes32, NodeId, UnixMs, strictObject } from './scalars';

/**
 * How far a witness's log of receipts has come: the number and the hash of its newest. Before the first it is number 0
 * and the log's own name, 32 random bytes, which the first receipt names as the one before: a log that was begun anew
 * is another one, even where nothing was released yet.
 *
 * @see docs/protocol.md, "4. Release"
 */
export const ReceiptHead = strictObject({ number: Type.Integer({ minimum: 0 }), hash: Bytes32 });
export type ReceiptHead = Static<typeof ReceiptHead>;

/** Argument of `Heartbeat`. A witness, and nobody else, says how far its receipts have come. */
export const Heartbeat = strictObject({ nodeId: NodeId, receipts: Type.Optional(ReceiptHead) });
export type Heartbeat = Static<typeof Heartbeat>;

/** When a node last showed itself, and a witness's receipts then. */
export const HeartbeatRecord = strictObject({
  nodeId: NodeId,
  atUnixMs: UnixMs,
  receipts: Type.Optional(ReceiptHead),
});
export type HeartbeatRecord = Static<typeof HeartbeatRecord>;
