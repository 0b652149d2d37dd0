import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTextFile, readTextFileSync } from '@eko/protocol/node';

describe.each([
  ['readTextFile', readTextFile],
  ['readTextFileSync', readTextFileSync],
])('%s', (_title, read) => {
  const folder = mkdtempSync(join(tmpdir(), 'eko-text-'));
  const file = join(folder, 'text');
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it.each(['', 'ä', 'ääää'])('reads %j, which is within the limit', async (text) => {
    writeFileSync(file, text);
    expect(await read(file, 8)).toBe(text);
  });

  it('answers nothing for a byte more', async () => {
    writeFileSync(file, '123456789');
    expect(await read(file, 8)).toBeUndefined();
  });

  it('reads no more than it may of what has no end', async () => {
    expect(await read('/dev/zero', 100_000)).toBeUndefined();
  });

  it('says what the system says of a file that is not there', async () => {
    await expect((async () => read(join(folder, 'none'), 8))()).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
