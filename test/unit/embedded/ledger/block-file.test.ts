import { mkdtemp, open, readFile, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { BlockFile } from '../../../../network/embedded/src/ledger/block-file';

const BLOCKS = ['first', 'second block', 'last'].map((content) => Buffer.from(content));

describe('the block file', () => {
  let directory: string;
  let path: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'eko-blocks-'));
    path = join(directory, 'blocks');
    const file = await BlockFile.open(path, () => undefined);
    for (const block of BLOCKS) await file.append(block);
    await file.close();
  });

  afterEach(async () => {
    await rm(directory, { recursive: true });
  });

  const contents = async (): Promise<string[]> => {
    const seen: string[] = [];
    const file = await BlockFile.open(path, (body) => seen.push(body.toString()));
    await file.close();
    return seen;
  };

  it('shows every block again and reads any of them', async () => {
    const file = await BlockFile.open(path, () => undefined);
    expect(file.height).toBe(3);
    expect((await file.read(1)).toString()).toBe('second block');
    await expect(file.read(3)).rejects.toThrow(RangeError);
    await file.close();
    expect(await contents()).toEqual(['first', 'second block', 'last']);
  });

  it('cuts the last record wherever it was torn, and writes on from there', async () => {
    const whole = await readFile(path);
    const lastStart = whole.length - 16 - 'last'.length;
    for (let length = lastStart; length < whole.length; length += 1) {
      await writeFile(path, whole.subarray(0, length));
      expect(await contents()).toEqual(['first', 'second block']);
      expect((await readFile(path)).length).toBe(lastStart);
    }
    const file = await BlockFile.open(path, () => undefined);
    await file.append(Buffer.from('again'));
    expect((await file.read(2)).toString()).toBe('again');
    await file.close();
  });

  it('takes a block for written only once the disk has it', async () => {
    const handle = await open(path);
    const prototype = Object.getPrototypeOf(handle) as FileHandle;
    await handle.close();
    const file = await BlockFile.open(path, () => undefined);
    const written = jest.spyOn(prototype, 'appendFile');
    let finish = (): void => undefined;
    const disk = new Promise<void>((resolve) => (finish = resolve));
    const synced = jest.spyOn(prototype, 'datasync').mockReturnValueOnce(disk);
    try {
      const appended = file.append(Buffer.from('again'));
      await written.mock.results[0]?.value;
      const first = await Promise.race([appended.then(() => 'acknowledged'), setImmediate('waiting')]);
      expect([first, synced.mock.calls.length]).toEqual(['waiting', 1]);
      finish();
      await appended;
    } finally {
      jest.restoreAllMocks();
      await file.close();
    }
    expect(await contents()).toEqual(['first', 'second block', 'last', 'again']);
  });

  it('refuses a file in which any one bit has changed', async () => {
    const whole = await readFile(path);
    for (let index = 0; index < whole.length; index += 1) {
      const changed = Buffer.from(whole);
      changed.writeUInt8(whole.readUInt8(index) ^ (1 << (index % 8)), index);
      await writeFile(path, changed);
      await expect(contents()).rejects.toMatchObject({ code: 'CORRUPT_RECORD' });
    }
  });

  it('refuses to serve a block that has changed while it was open', async () => {
    const file = await BlockFile.open(path, () => undefined);
    const whole = await readFile(path);
    whole.writeUInt8(whole.readUInt8(20) ^ 1, 20);
    await writeFile(path, whole);
    await expect(file.read(0)).rejects.toMatchObject({ code: 'CORRUPT_RECORD', details: { block: 0 } });
    await file.close();
  });
});
