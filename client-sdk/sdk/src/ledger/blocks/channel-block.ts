import { isEkoError } from '@eko/protocol';
import { type LedgerEvent } from '@eko/protocol/ledger';
import { decodeLedgerJson, parseLedgerEvent } from '../ledger-json';
import { ProtobufMessage } from '../protobuf-message';

/** Who submitted a transaction, as its header says: an organisation's member by its certificate, in PEM. */
export interface BlockSubmitter {
  readonly mspId: string;
  readonly certificatePem: string;
}

/** A state key that a transaction writes, with its new value; `undefined` where it deletes it. */
export interface BlockWrite {
  readonly key: string;
  readonly value: Uint8Array | undefined;
}

/** One transaction of a block, as far as one chaincode is concerned. */
export interface BlockTransaction {
  readonly txId: string;
  /** Its place in the block, from 0: with the block's number, its place in the order of the channel. */
  readonly index: number;
  /** Fabric's validation code; 0 is valid, and only what is valid counts. */
  readonly validationCode: number;
  /** The time that its submitter gave it. */
  readonly timeUnixMs: number;
  readonly submitter: BlockSubmitter;
  /** What it writes or deletes in the chaincode's namespace; nothing of a transaction that is not valid. */
  readonly writes: readonly BlockWrite[];
  /** The chaincode's event, of a valid transaction. */
  readonly event: LedgerEvent | undefined;
  /** Why there is no event, where the chaincode's is in no form of its own. */
  readonly unreadable?: string;
}

/** One block of a channel. */
export interface ChannelBlock {
  readonly number: bigint;
  readonly transactions: readonly BlockTransaction[];
}

/** `TxValidationCode.VALID` */
const VALID = 0;
/** `TxValidationCode.NOT_VALIDATED` */
const NOT_VALIDATED = 254;
/** `HeaderType.ENDORSER_TRANSACTION` */
const ENDORSER_TRANSACTION = 3;
/** `BlockMetadataIndex.TRANSACTIONS_FILTER`: one byte a transaction. */
const TRANSACTIONS_FILTER = 2;

/**
 * Reads a serialized `common.Block`: every transaction of a chaincode in the block's order.
 *
 * @throws EkoError `CORRUPT_RECORD` for bytes that are no block
 * @see common.proto, peer/transaction.proto, peer/proposal.proto, ledger/rwset
 */
export function decodeChannelBlock(bytes: Uint8Array, chaincode: string): ChannelBlock {
  const block = new ProtobufMessage(bytes);
  const number = block.message(1).number(1);
  const codes = block.message(3).repeated(1)[TRANSACTIONS_FILTER] ?? new Uint8Array();
  const transactions = block
    .message(2)
    .repeated(1)
    .flatMap((envelope, index) => {
      const found = decodeTransaction(envelope, chaincode, {
        number,
        index,
        code: codes[index] ?? NOT_VALIDATED,
      });
      return found === undefined ? [] : [found];
    });
  return { number, transactions };
}

interface Place {
  readonly number: bigint;
  readonly index: number;
  readonly code: number;
}

function decodeTransaction(
  envelope: Uint8Array,
  chaincode: string,
  { number, index, code }: Place,
): BlockTransaction | undefined {
  const payload = new ProtobufMessage(envelope).messageIn(1);
  const headers = payload.message(1);
  const header = headers.messageIn(1);
  if (header.int32(1) !== ENDORSER_TRANSACTION) return undefined;
  const txId = header.text(5);
  // SignatureHeader.creator: a msp.SerializedIdentity.
  const creator = headers.messageIn(2).messageIn(1);
  const base = {
    txId,
    index,
    validationCode: code,
    timeUnixMs: unixMsOf(header.message(3)),
    submitter: { mspId: creator.text(1), certificatePem: creator.text(2) },
  };
  if (code !== VALID) return { ...base, writes: [], event: undefined };
  // Transaction.actions[0].payload: a ChaincodeActionPayload; its action names the ProposalResponsePayload.
  const response = payload.messageIn(2).messageIn(1).messageIn(2).message(2).messageIn(1);
  const action = response.messageIn(2);
  const writes = writesOf(action.bytes(1), chaincode);
  try {
    const event = eventOf(action.messageIn(2), chaincode, { blockNumber: number, txId });
    return { ...base, writes, event };
  } catch (error) {
    if (!isEkoError(error, 'CORRUPT_RECORD')) throw error;
    // One event that does not fit must not keep the others from being read.
    return { ...base, writes, event: undefined, unreadable: error.message };
  }
}

/** What a `TxReadWriteSet` writes in a namespace. */
function writesOf(readWriteSet: Uint8Array, chaincode: string): readonly BlockWrite[] {
  return new ProtobufMessage(readWriteSet)
    .repeated(2)
    .map((bytes) => new ProtobufMessage(bytes))
    .filter((namespace) => namespace.text(1) === chaincode)
    .flatMap((namespace) => namespace.messageIn(2).repeated(3))
    .map((bytes) => new ProtobufMessage(bytes))
    .map((write) => ({ key: write.text(1), value: write.number(2) === 0n ? write.bytes(3) : undefined }));
}

function eventOf(
  event: ProtobufMessage,
  chaincode: string,
  position: { readonly blockNumber: bigint; readonly txId: string },
): LedgerEvent | undefined {
  const name = event.text(3);
  if (event.text(1) !== chaincode || name === '') return undefined;
  return parseLedgerEvent(position, name, decodeLedgerJson(event.bytes(4), `Event ${name}`));
}

const MS_PER_SECOND = 1_000;
const NS_PER_MS = 1_000_000;

/** A `google.protobuf.Timestamp`, as chaincode sees it. */
function unixMsOf(timestamp: ProtobufMessage): number {
  return (
    Number(BigInt.asIntN(64, timestamp.number(1))) * MS_PER_SECOND +
    Math.trunc(timestamp.int32(2) / NS_PER_MS)
  );
}
