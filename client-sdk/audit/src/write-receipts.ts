import { encodeCanonicalJson } from '@eko/protocol/encoding';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { SignedReceipt } from './receipt-file';

/**
 * Writes receipts one a line, as `readReceiptFiles` takes them. It never writes over a file.
 *
 * @returns how many there were
 */
export async function writeReceipts(file: string, receipts: AsyncIterable<SignedReceipt>): Promise<number> {
  let written = 0;
  const lines = async function* (): AsyncGenerator<string> {
    for await (const signed of receipts) {
      written += 1;
      yield `${encodeCanonicalJson(signed)}\n`;
    }
  };
  await pipeline(lines, createWriteStream(file, { flags: 'wx', mode: 0o600 }));
  return written;
}
