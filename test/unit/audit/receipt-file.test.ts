import { execFileSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { readAcknowledged } from '../../../client-sdk/audit/src/acknowledged-file';
import { fileLines } from '../../../client-sdk/audit/src/file-lines';
import { findReceiptFiles } from '../../../client-sdk/audit/src/receipt-file';

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
    const lines: (string | undefined)[] = [];
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

  it('are read past a line that is too long, wherever it stands', async () => {
    expect(await linesOf('12345678\n12345678', 8)).toEqual(['12345678', '12345678']);
    expect(await linesOf('123456789', 8)).toEqual([undefined]);
    expect(await linesOf('123456789\n1', 8)).toEqual([undefined, '1']);
    expect(await linesOf('1\n123456789\n2\n', 8)).toEqual(['1', undefined, '2']);
    const long = 'x'.repeat(300_000);
    expect(await linesOf(`1\n${long}\n2\n${long}`, 8)).toEqual(['1', undefined, '2', undefined]);
  });

  it('are named by file and line where they hold no bundle', async () => {
    const bundleId = '0b9d6a3e-5f5e-4d56-9a53-6a1f2f3c4d5e';
    await writeFile(file, `${bundleId}\nno bundle\n\n${'x'.repeat(300_000)}\r\n${bundleId}\r\n`);
    const unreadable = ['witness-1.jsonl:2', 'witness-1.jsonl:4'];
    expect(await readAcknowledged(file)).toEqual({ bundleIds: [bundleId, bundleId], unreadable });
    await writeFile(file, 'no bundle\n'.repeat(5_000));
    expect((await readAcknowledged(file)).unreadable).toHaveLength(100);
    await expect(readAcknowledged(join(folder, 'none'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('say so where they are one line without an end, endless, or cannot be read', async () => {
    await writeFile(file, '');
    await truncate(file, ENDLESS_BYTES);
    const read = async (path: string): Promise<unknown[]> => {
      const [found] = await findReceiptFiles([path]);
      const lines: unknown[] = [];
      for await (const line of found?.lines ?? []) lines.push(line);
      return lines;
    };
    const unread = expect.any(String) as string;
    expect(await read(folder)).toEqual([{ unread }]);
    expect(await read('/dev/zero')).toEqual([{ unread }]);
    await rm(file);
    await mkdir(file);
    expect(await read(folder)).toEqual([{ unread }]);
    expect(await readAcknowledged('/dev/zero')).toEqual({ bundleIds: [], unreadable: ['zero:1'] });
  });

  it('keep nobody waiting where one of a folder is a pipe', async () => {
    execFileSync('mkfifo', [file]);
    const hold = openSync(file, 'r+');
    try {
      const [found] = await findReceiptFiles([folder]);
      const first = firstOf(found?.lines ?? []);
      expect(await Promise.race([first, setTimeout(2_000, 'nothing', { ref: false })])).toEqual({
        unread: expect.any(String) as string,
      });
    } finally {
      closeSync(hold);
    }
  });
});

async function firstOf(lines: AsyncIterable<unknown> | Iterable<unknown>): Promise<unknown> {
  for await (const line of lines) return line;
  return undefined;
}
