import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { followLog } from '../../../../network/local/src/processes/follow-log';

describe('a log that is followed', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'eko-follow-'));
    file = join(folder, 'peer.log');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** What is printed while these things happen, one whenever the log waits; after the last, it is given up. */
  async function printed(
    { count = 40, tailBytes = 1024 * 1024 }: { count?: number; tailBytes?: number },
    ...acts: readonly (() => void)[]
  ): Promise<readonly string[]> {
    const controller = new AbortController();
    const left = [...acts];
    const pause = (): Promise<void> => {
      const act = left.shift();
      if (act === undefined) controller.abort();
      else act();
      return Promise.resolve();
    };
    const lines: string[] = [];
    for await (const line of followLog({ file, count, tailBytes, pause }, controller.signal))
      lines.push(line);
    expect(left).toEqual([]);
    return lines;
  }

  it('gives its last lines, and each further line once it is complete', async () => {
    writeFileSync(file, 'one\ntwo\nthree\nfo');
    const lines = await printed(
      { count: 2 },
      () => appendFileSync(file, 'ur'),
      () => appendFileSync(file, '\n\nsix\nsev'),
      () => appendFileSync(file, 'en'),
    );
    expect(lines).toEqual(['two', 'three', 'four', '', 'six']);
  });

  it('gives none of the old lines where none are asked for, and no cut one', async () => {
    writeFileSync(file, 'one\ntwo\nthree\n');
    const add = (): void => appendFileSync(file, 'more\n');
    expect(await printed({ count: 0 }, add)).toEqual(['more']);
    expect(await printed({ tailBytes: 8 }, add)).toEqual(['more', 'more']);
  });

  it('waits for a file that is not there, and for one that was removed', async () => {
    const lines = await printed(
      {},
      () => undefined,
      () => writeFileSync(file, 'first\n'),
      () => rmSync(file),
      () => undefined,
      () => writeFileSync(file, 'anew\n'),
    );
    expect(lines).toEqual(['first', 'anew']);
  });

  it('reads what was moved away to its end, and the new file from its beginning', async () => {
    writeFileSync(file, 'old\n');
    const lines = await printed(
      {},
      () => {
        renameSync(file, `${file}.1`);
        appendFileSync(`${file}.1`, 'still old\n');
        writeFileSync(file, 'new\n');
      },
      () => appendFileSync(file, 'newer\n'),
    );
    expect(lines).toEqual(['old', 'still old', 'new', 'newer']);
  });

  it('begins anew with a file that was cut', async () => {
    writeFileSync(file, 'one\ntwo\nhal');
    const lines = await printed(
      {},
      () => truncateSync(file, 0),
      () => appendFileSync(file, 'a\n'),
    );
    expect(lines).toEqual(['one', 'two', 'a']);
  });

  it('gives a line without an end in pieces', async () => {
    writeFileSync(file, '');
    const lines = await printed({}, () => appendFileSync(file, 'x'.repeat(1_200_000)));
    expect(lines.join('').length).toBeGreaterThan(1_000_000);
    expect(lines.join('')).toMatch(/^x+$/);
  });

  it('gives nothing after it was given up', async () => {
    writeFileSync(file, 'one\n');
    const controller = new AbortController();
    const lines: string[] = [];
    const pause = (): Promise<void> => Promise.resolve();
    for await (const line of followLog({ file, count: 1, tailBytes: 1024, pause }, controller.signal)) {
      lines.push(line);
      controller.abort();
      appendFileSync(file, 'two\n');
    }
    expect(lines).toEqual(['one']);
  });
});
