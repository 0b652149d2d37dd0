import { TransactionId, strictObject } from '@eko/protocol/ledger';
import { Type, type Static } from '@eko/protocol/encoding';
import type { Checkpoint } from '@eko/sdk';

/** The fields of a checkpoint as it lies in a store, for records that have more. */
export const CHECKPOINT_FIELDS = {
  channel: Type.String(),
  chaincode: Type.String(),
  blockNumber: Type.String({ pattern: '^(0|[1-9][0-9]{0,18})$' }),
  txId: TransactionId,
};

/** A checkpoint as it lies in a store. */
export const StoredCheckpoint = strictObject(CHECKPOINT_FIELDS);
export type StoredCheckpoint = Static<typeof StoredCheckpoint>;

/** A checkpoint as it is stored. */
export function encodeCheckpoint(checkpoint: Checkpoint): StoredCheckpoint {
  return { ...checkpoint, blockNumber: checkpoint.blockNumber.toString() };
}

/** The checkpoint that was stored. */
export function decodeCheckpoint(stored: StoredCheckpoint): Checkpoint {
  return { ...stored, blockNumber: BigInt(stored.blockNumber) };
}
