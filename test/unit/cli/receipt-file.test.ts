import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readAcknowledged } from '../../../client-sdk/cli/src/history/acknowledged-file';
import { fileLines } from '../../../client-sdk/cli/src/history/file-lines';
import { findReceiptFiles } from '../../../client-sdk/cli/src/history/receipt-file';

/** More than a string of V8 can hold; the file has no block on disk. */
const ENDLESS_BYTES = 700 * 1024 * 1024;

describe('files that somebody else wrote', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'eko-receipts-'));
    file = join(folder, 'witness-1.jsonl');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const linesOf = async (text: string | Uint8Array, maxLineBytes: number) => {
    await writeFile(file, text);
    const lines: string[] = [];
    for await (const line of fileLines(file, maxLineBytes)) lines.push(line);
    return lines;
  };

  it.each([
    ['', []],
    ['one', ['one']],
    ['one\n', ['one']],
    ['one\r\n\ntwo', ['one', '', 'two']],
  ])('have the lines of %j', async (text, lines) => {
    expect(await linesOf(text, 8)).toEqual(lines);
  });

  it('may be larger than a chunk, with characters across its bounds', async () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `${index} ää`);
    expect(await linesOf(lines.join('\n'), 16)).toEqual(lines);
  });

  it('are refused at a line that is too long, wherever it stands', async () => {
    expect(await linesOf('12345678\n12345678', 8)).toHaveLength(2);
    for (const text of ['123456789', '123456789\n1', '1\n123456789'])
      await expect(linesOf(text, 8)).rejects.toMatchObject({ code: 'TOO_LARGE' });
  });

  it('are refused with a code when they are one line without an end, or endless', async () => {
    await writeFile(file, '');
    await truncate(file, ENDLESS_BYTES);
    const [found] = await findReceiptFiles([folder]);
    const read = async (): Promise<void> => {
      for await (const line of found?.lines ?? []) expect(line).toBeUndefined();
    };
    await expect(read()).rejects.toMatchObject({ code: 'TOO_LARGE' });
    await expect(readAcknowledged('/dev/zero')).rejects.toMatchObject({ code: 'TOO_LARGE' });
  });
});
