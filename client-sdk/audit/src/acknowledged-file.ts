import { basename } from 'node:path';
import { isEkoError } from '@eko/protocol';
import { BundleId } from '@eko/protocol/ledger';
import { fits } from '@eko/protocol/encoding';
import { fileLines } from './file-lines';

/** What a file says was acknowledged. */
export interface Acknowledged {
  readonly bundleIds: readonly string[];
  /** Lines that name no bundle, as `file:line`. */
  readonly unreadable: readonly string[];
}

const MOST_LINE_BYTES = 256;
const MOST_LINES = 1_000_000;
/** With more, the file is another one than was meant, and is read no further. */
const MOST_UNREADABLE = 100;

/**
 * The bundles of a file, one ID a line.
 *
 * @param file - none where it is `undefined`
 * @throws EkoError `NOT_FOUND` where it cannot be read
 */
export async function readAcknowledged(file: string | undefined): Promise<Acknowledged> {
  const bundleIds: string[] = [];
  const unreadable: string[] = [];
  if (file === undefined) return { bundleIds, unreadable };
  let count = 0;
  try {
    for await (const line of fileLines(file, MOST_LINE_BYTES)) {
      count += 1;
      if (line === '') continue;
      const isOver = count > MOST_LINES;
      if (!isOver && fits(BundleId, line)) bundleIds.push(line);
      else unreadable.push(`${basename(file)}:${count}`);
      if (isOver || unreadable.length >= MOST_UNREADABLE) break;
    }
  } catch (error) {
    if (!isEkoError(error, 'TOO_LARGE')) throw error;
    unreadable.push(`${basename(file)}:${count + 1}`);
  }
  return { bundleIds, unreadable };
}
