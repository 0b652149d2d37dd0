import {
  Bytes64,
  EkoError,
  LABELS,
  NO_PREVIOUS_RECEIPT,
  ReleaseReceipt,
  receiptHash,
  signRecord,
  strictObject,
  type RecordSigner,
} from '@eko/protocol';
import { RecordStore, Turns, type KeyValueStore } from '@eko/node-kit';
import type { ReceiptLog, SignedReceipt } from '../ports/receipt-log';

const RECORD_VERSION = 1;
const SEQUENCE_DIGITS = 12;

const StoredReceipt = strictObject({ receipt: ReleaseReceipt, signature: Bytes64 });

type ReceiptRecords = RecordStore<typeof StoredReceipt>;

const recordsIn = (store: KeyValueStore): ReceiptRecords =>
  new RecordStore({ store, prefix: 'receipt/', version: RECORD_VERSION, schema: StoredReceipt });

/**
 * Every receipt of a witness's store from the first, checking the chain on the way.
 * @throws EkoError `CORRUPT_RECORD` naming the first receipt that does not hold
 */
export async function* listReceipts(store: KeyValueStore): AsyncGenerator<SignedReceipt> {
  let expected = { sequence: 1, previousHash: NO_PREVIOUS_RECEIPT };
  for await (const listed of recordsIn(store).list()) {
    if (listed.kind === 'broken') throw listed.error;
    const { receipt } = listed.record;
    if (receipt.sequence !== expected.sequence || receipt.previousHash !== expected.previousHash) {
      throw brokenChain(expected.sequence);
    }
    expected = { sequence: receipt.sequence + 1, previousHash: receiptHash(receipt) };
    yield listed.record;
  }
}

/** The witness's append-only, hash-chained receipts in the node's store. */
export class StoredReceipts implements ReceiptLog {
  readonly #records: ReceiptRecords;
  readonly #sign: RecordSigner;
  #last: { readonly sequence: number; readonly hash: string };
  /** One after the other, each after the last that reached the disk: none names a receipt that is not there. */
  readonly #turns = new Turns();

  private constructor(store: KeyValueStore, sign: RecordSigner) {
    this.#records = recordsIn(store);
    this.#sign = sign;
    this.#last = { sequence: 0, hash: NO_PREVIOUS_RECEIPT };
  }

  /**
   * Opens the log and checks its whole chain.
   * @throws EkoError `CORRUPT_RECORD` naming the first receipt that does not hold
   */
  static async open(store: KeyValueStore, sign: RecordSigner): Promise<StoredReceipts> {
    const log = new StoredReceipts(store, sign);
    for await (const { receipt } of listReceipts(store))
      log.#last = { sequence: receipt.sequence, hash: receiptHash(receipt) };
    return log;
  }

  append(unchained: Omit<ReleaseReceipt, 'sequence' | 'previousHash'>): Promise<SignedReceipt> {
    return this.#turns.take(async () => {
      const { sequence, hash: previousHash } = this.#last;
      const receipt: ReleaseReceipt = { ...unchained, sequence: sequence + 1, previousHash };
      const signature = signRecord(LABELS.receiptSignature, receipt, this.#sign);
      const id = receipt.sequence.toString().padStart(SEQUENCE_DIGITS, '0');
      await this.#records.put(id, { receipt, signature });
      this.#last = { sequence: receipt.sequence, hash: receiptHash(receipt) };
      return { receipt, signature };
    });
  }
}

function brokenChain(sequence: number): EkoError {
  return new EkoError('CORRUPT_RECORD', `The receipt log does not hold at number ${sequence}; restore it`, {
    details: { sequence },
  });
}
