import { EkoError } from '@eko/protocol';
import { Bytes32, Bytes64, strictObject, type ReceiptHead } from '@eko/protocol/ledger';
import {
  LABELS,
  drawRandom,
  receiptHash,
  signRecord,
  type RandomSource,
  type RecordSigner,
} from '@eko/protocol/crypto';
import { ReleaseReceipt } from '@eko/protocol/rest';
import { encodeBase64Url } from '@eko/protocol/encoding';
import { RecordStore, Turns, type KeyValueStore, openLevelStore } from '@eko/node-kit';
import { join } from 'node:path';

/** A receipt with the witness's signature. */
export interface SignedReceipt {
  readonly receipt: ReleaseReceipt;
  readonly signature: string;
}

const RECORD_VERSION = 1;
const SEQUENCE_DIGITS = 12;
const LOG_NAME_BYTES = 32;
const LOG_NAME_ID = 'name';

const StoredReceipt = strictObject({ receipt: ReleaseReceipt, signature: Bytes64 });

type ReceiptRecords = RecordStore<typeof StoredReceipt>;

const recordsIn = (store: KeyValueStore): ReceiptRecords =>
  new RecordStore({ store, prefix: 'receipt/', version: RECORD_VERSION, schema: StoredReceipt });

/** What the first receipt names as the one before. */
const LogName = strictObject({ name: Bytes32 });

const logNamesIn = (store: KeyValueStore): RecordStore<typeof LogName> =>
  new RecordStore({ store, prefix: 'receipt-log/', version: RECORD_VERSION, schema: LogName });

/**
 * Every receipt of a witness's store from the first, checking the chain on the way.
 * @throws EkoError `CORRUPT_RECORD` naming the first receipt that does not hold
 */
export async function* listReceipts(store: KeyValueStore): AsyncGenerator<SignedReceipt> {
  const named = await logNamesIn(store).get(LOG_NAME_ID);
  let expected = { sequence: 1, previousHash: named?.name };
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
export class StoredReceipts {
  readonly #records: ReceiptRecords;
  readonly #sign: RecordSigner;
  #head: ReceiptHead;
  /** One after the other, each after the last that reached the disk: none names a receipt that is not there. */
  readonly #turns = new Turns();

  private constructor(store: KeyValueStore, sign: RecordSigner, name: string) {
    this.#records = recordsIn(store);
    this.#sign = sign;
    this.#head = { number: 0, hash: name };
  }

  /**
   * Opens the log and checks its whole chain. A store that has none gets one, under a name of its own that is on the disk
   * before it can be said.
   *
   * @throws EkoError `CORRUPT_RECORD` naming the first receipt that does not hold
   */
  static async open(store: KeyValueStore, sign: RecordSigner, random: RandomSource): Promise<StoredReceipts> {
    let last: ReleaseReceipt | undefined;
    for await (const { receipt } of listReceipts(store)) last = receipt;
    const name = await nameIn(store, random);
    const log = new StoredReceipts(store, sign, name);
    if (last !== undefined) log.#head = { number: last.sequence, hash: receiptHash(last) };
    return log;
  }

  /** The newest receipt that is on the disk. */
  get head(): ReceiptHead {
    return this.#head;
  }

  /** Chains, signs and stores durably; resolves only then. */
  append(unchained: Omit<ReleaseReceipt, 'sequence' | 'previousHash'>): Promise<SignedReceipt> {
    return this.#turns.take(async () => {
      const { number, hash: previousHash } = this.#head;
      const receipt: ReleaseReceipt = { ...unchained, sequence: number + 1, previousHash };
      const signature = signRecord(LABELS.receiptSignature, receipt, this.#sign);
      const id = receipt.sequence.toString().padStart(SEQUENCE_DIGITS, '0');
      await this.#records.put(id, { receipt, signature });
      this.#head = { number: receipt.sequence, hash: receiptHash(receipt) };
      return { receipt, signature };
    });
  }
}

async function nameIn(store: KeyValueStore, random: RandomSource): Promise<string> {
  const names = logNamesIn(store);
  const present = await names.get(LOG_NAME_ID);
  if (present !== undefined) return present.name;
  const name = encodeBase64Url(drawRandom(random, LOG_NAME_BYTES));
  await names.put(LOG_NAME_ID, { name });
  return name;
}

function brokenChain(sequence: number): EkoError {
  return new EkoError('CORRUPT_RECORD', `The receipt log does not hold at number ${sequence}; restore it`, {
    details: { sequence },
  });
}

/**
 * Every receipt of a witness that does not run, from the first, the chain checked on the way: what auditors are given.
 *
 * @param dataDirectory - the witness's `dataDirectory`
 * @throws EkoError `BAD_STATE` while the witness runs, `CORRUPT_RECORD` naming the first receipt that does not hold
 */
export async function* readReceipts(dataDirectory: string): AsyncGenerator<SignedReceipt> {
  const store = await openLevelStore(join(dataDirectory, 'store'));
  try {
    yield* listReceipts(store);
  } finally {
    await store.close();
  }
}
