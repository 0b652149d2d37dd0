import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { EkoError, isEkoError } from '@eko/protocol';
import { Bytes64, strictObject } from '@eko/protocol/ledger';
import { encodeCanonicalJson, fits, parseStrictJson, type Static } from '@eko/protocol/encoding';
import { ReleaseReceipt } from '@eko/protocol/rest';
import { fileLines } from './file-lines';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

/** A receipt with the witness's signature, one a line. */
const SignedReceipt = strictObject({ receipt: ReleaseReceipt, signature: Bytes64 });
export type SignedReceipt = Static<typeof SignedReceipt>;

/** A line of a file: a receipt; `undefined` where it holds none; or why nothing after it was read. */
export type ReceiptLine = SignedReceipt | undefined | { readonly unread: string };

/** One witness's receipts as its file has them, read as they are asked for. */
export interface ReceiptFile {
  readonly name: string;
  readonly lines: AsyncIterable<ReceiptLine> | Iterable<ReceiptLine>;
}

const LINE = { maxBytes: 16 * 1024, maxDepth: 4 };
const MOST_LINES = 5_000_000;
const ENDING = '.jsonl';

/**
 * Finds receipts as `eko node receipts` writes them. Their lines are read when they are asked for, and never throw: what
 * is wrong with one file is said in its place, and keeps nobody from judging the others.
 *
 * @param paths - files, or folders of which every `.jsonl` file is read
 * @throws EkoError `NOT_FOUND` for a path that is not there or a folder without such a file
 */
export async function findReceiptFiles(paths: readonly string[]): Promise<readonly ReceiptFile[]> {
  const files: ReceiptFile[] = [];
  for (const path of paths) {
    for (const file of await filesOf(path))
      files.push({ name: basename(file), lines: receiptLines(file, file === path) });
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

/** @param isNamed - whether the caller has named it: what merely lies in a folder may be a pipe that nobody writes to */
async function* receiptLines(path: string, isNamed: boolean): AsyncGenerator<ReceiptLine> {
  let count = 0;
  try {
    if (!isNamed && !(await isPlainFile(path))) {
      yield { unread: 'it is no plain file' };
      return;
    }
    for await (const line of fileLines(path, LINE.maxBytes)) {
      count += 1;
      if (count > MOST_LINES) {
        yield { unread: `it has more than ${MOST_LINES} lines: give it in parts, in their order` };
        return;
      }
      yield line === undefined ? undefined : parseLine(line);
    }
  } catch (error) {
    if (!isEkoError(error)) throw error;
    yield { unread: error.message };
  }
}

const isPlainFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

function parseLine(line: string): SignedReceipt | undefined {
  try {
    const value = parseStrictJson(line, LINE);
    return fits(SignedReceipt, value) ? value : undefined;
  } catch (error) {
    if (isEkoError(error)) return undefined;
    throw error;
  }
}

/**
 * Writes receipts one a line, as `findReceiptFiles` finds them. It never writes over a file.
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
