import { common, type peer } from '@hyperledger/fabric-protos';
import { parseTransaction, type Transaction } from '../messages/transaction';
import { envelopesOf, validationCodesOf } from './block';

/** Fabric's validation codes, by number. */
export type ValidationCode = peer.TxValidationCodeMap[keyof peer.TxValidationCodeMap];

/** A transaction with what its block says of it. */
export interface CommittedTransaction {
  readonly transaction: Transaction;
  readonly code: ValidationCode;
}

/** A block that is on the disk. */
export interface CommittedBlock {
  readonly blockNumber: number;
  readonly block: common.Block;
  /** Empty for the first block, which holds the channel's configuration. */
  readonly transactions: readonly CommittedTransaction[];
}

/** The first block of a channel holds its configuration and no transaction. */
export const GENESIS_BLOCK = 0;

/** Takes a block apart that was written here. */
export function parseCommittedBlock(bytes: Uint8Array): CommittedBlock {
  const block = common.Block.deserializeBinary(bytes);
  const blockNumber = block.getHeader()?.getNumber() ?? -1;
  if (blockNumber === GENESIS_BLOCK) return { blockNumber, block, transactions: [] };
  const codes = validationCodesOf(block);
  const transactions = envelopesOf(block).map((envelope, index) => ({
    transaction: parseTransaction(common.Envelope.deserializeBinary(envelope)),
    code: codes[index] as ValidationCode,
  }));
  return { blockNumber, block, transactions };
}
