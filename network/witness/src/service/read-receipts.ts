import { openLevelStore } from '@eko/node-kit';
import { join } from 'node:path';
import { listReceipts, type SignedReceipt } from './stored-receipts';

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
