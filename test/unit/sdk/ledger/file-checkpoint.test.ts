import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Checkpoint } from '@eko/sdk';
import { FileCheckpoint } from '@eko/sdk/node';
import { txIdOf } from '../../../support/simulated/fake-ledger';

const CHECKPOINT: Checkpoint = {
  channel: 'mychannel',
  chaincode: 'eko',
  blockNumber: 12_345_678_901_234n,
  txId: txIdOf('a'),
};

describe('FileCheckpoint', () => {
  let directory: string;
  let path: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'eko-checkpoint-'));
    path = join(directory, 'checkpoint.json');
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('answers what was saved last, and nothing before', async () => {
    const file = new FileCheckpoint(path);
    expect(await file.load()).toBeUndefined();
    await file.save({ ...CHECKPOINT, blockNumber: 0n });
    await file.save(CHECKPOINT);
    expect(await file.load()).toEqual(CHECKPOINT);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('refuses a file that has no end', async () => {
    await expect(new FileCheckpoint('/dev/zero').load()).rejects.toMatchObject({ code: 'CORRUPT_RECORD' });
  });

  it('refuses every cut of its file, the empty one included', async () => {
    const file = new FileCheckpoint(path);
    await file.save(CHECKPOINT);
    const whole = await readFile(path);
    for (let length = 0; length < whole.length; length += 1) {
      await writeFile(path, whole.subarray(0, length));
      await expect(file.load()).rejects.toMatchObject({ code: 'CORRUPT_RECORD' });
    }
  });

  it.each([
    ['another field', { ...CHECKPOINT, more: 'x' }],
    ['a missing field', { channel: 'mychannel', chaincode: 'eko', blockNumber: 1n }],
    ['a transaction ID of another form', { ...CHECKPOINT, txId: 'abc' }],
    ['a negative block', { ...CHECKPOINT, blockNumber: -1n }],
  ])('refuses %s', async (_what, content) => {
    const record = Object.entries(content).map(([key, value]) => [key, String(value)]);
    await writeFile(path, JSON.stringify(Object.fromEntries(record.sort())));
    await expect(new FileCheckpoint(path).load()).rejects.toMatchObject({ code: 'CORRUPT_RECORD' });
  });
});
