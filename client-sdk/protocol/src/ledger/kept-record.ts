import { Type, type Static } from '@sinclair/typebox';
import { Dealing, type DealingsRecord } from './schemas/dealings';
import {
  Bytes32,
  DealingId,
  Epoch,
  Fence,
  NodeId,
  TransactionId,
  UnixMs,
  strictObject,
} from './schemas/scalars';

/**
 * What a node keeps of the record of a bundle's dealings for as long as the bundle lives: who was drawn and which dealings
 * count. Proofs, signatures and what is of other holders stay on the ledger.
 */
export const KeptRecord = strictObject({
  epoch: Epoch,
  fence: Fence,
  selection: strictObject({ witnesses: Type.Array(NodeId) }),
  dealings: Type.Array(
    strictObject({
      dealer: NodeId,
      dealingId: DealingId,
      sheetHash: Bytes32,
      /** Of the holder that keeps this. */
      envelopeHash: Type.Optional(Bytes32),
    }),
  ),
  /** Whole, with their signatures: those that their dealers had abandoned, for the proof against them. */
  abandoned: Type.Optional(Type.Array(Dealing)),
  by: NodeId,
  txId: TransactionId,
  atUnixMs: UnixMs,
});
export type KeptRecord = Static<typeof KeptRecord>;

/**
 * What a node keeps of a record.
 *
 * @param column - the node's place among the dealings' holders, if it is one
 * @param isAbandoned - tells the dealings that this node has to prove against their dealers
 */
export function keptRecord(
  record: DealingsRecord,
  column?: number,
  isAbandoned: (dealing: Dealing) => boolean = () => false,
): KeptRecord {
  const { epoch, fence, selection, dealings, by, txId, atUnixMs } = record;
  const abandoned = dealings.filter(isAbandoned);
  return {
    epoch,
    fence,
    selection: { witnesses: selection.witnesses },
    dealings: dealings.map(({ dealer, dealingId, sheetHash, envelopes }) => {
      const envelopeHash = column === undefined ? undefined : envelopes[column];
      return { dealer, dealingId, sheetHash, ...(envelopeHash === undefined ? {} : { envelopeHash }) };
    }),
    ...(abandoned.length === 0 ? {} : { abandoned }),
    by,
    txId,
    atUnixMs,
  };
}
