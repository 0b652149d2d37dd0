import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  Bytes64,
  EkoError,
  ReleaseReceipt,
  fits,
  isEkoError,
  parseStrictJson,
  strictObject,
} from '@eko/protocol';
import type { Static } from '@eko/protocol';
import { fileLines } from './file-lines';

/** A receipt with the witness's signature, one a line. */
const SignedReceipt = strictObject({ receipt: ReleaseReceipt, signature: Bytes64 });
export type SignedReceipt = Static<typeof SignedReceipt>;

/** One witness's receipts as its file has them; a line that holds none is `undefined`. */
export interface ReceiptFile {
  readonly name: string;
  readonly lines: readonly (SignedReceipt | undefined)[];
}

const LINE = { maxBytes: 16 * 1024, maxDepth: 4 };
const MOST_LINES = 5_000_000;
const ENDING = '.jsonl';

/**
 * Reads receipts as `eko node receipts` writes them.
 *
 * @param paths - files, or folders of which every `.jsonl` file is read
 * @throws EkoError `NOT_FOUND` for a path that is not there or a folder without such a file, `TOO_LARGE` for one
 *   with too many lines or a line that is too long
 */
export async function readReceiptFiles(paths: readonly string[]): Promise<readonly ReceiptFile[]> {
  const files: ReceiptFile[] = [];
  for (const path of paths) {
    for (const file of await filesOf(path)) files.push(await readReceiptFile(file));
  }
  return files;
}

async function filesOf(path: string): Promise<readonly string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new EkoError('NOT_FOUND', `There are no receipts at ${path}`);
  if (!found.isDirectory()) return [path];
  const names = (await readdir(path)).filter((name) => name.endsWith(ENDING)).sort();
  if (names.length === 0) throw new EkoError('NOT_FOUND', `No file of folder ${path} ends with ${ENDING}`);
  return names.map((name) => join(path, name));
}

async function readReceiptFile(path: string): Promise<ReceiptFile> {
  const lines: (SignedReceipt | undefined)[] = [];
  for await (const line of fileLines(path, LINE.maxBytes)) {
    if (lines.length >= MOST_LINES) {
      throw new EkoError('TOO_LARGE', `${path} has more than ${MOST_LINES} lines: give it in parts`);
    }
    lines.push(parseLine(line));
  }
  return { name: basename(path), lines };
}

function parseLine(line: string): SignedReceipt | undefined {
  try {
    const value = parseStrictJson(line, LINE);
    return fits(SignedReceipt, value) ? value : undefined;
  } catch (error) {
    if (isEkoError(error)) return undefined;
    throw error;
  }
}
