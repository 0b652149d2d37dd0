import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readlinkSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { ProcessLock } from '../../../../client-sdk/command/src/files/process-lock';
import { temporaryFolders } from '../../../support/temporary-folder';

const newFolder = temporaryFolders();
const CONTENDER = join(__dirname, 'contend-for-lock.cjs');
const BUILT = resolve(__dirname, '../../../../client-sdk/command/dist/files/process-lock.js');
const CONTENDERS = 4;
const LIVES = 3;
const ROUNDS = 50;

const ownerOf = (path: string): object => JSON.parse(readlinkSync(path)) as object;

describe('a lock that names its process', () => {
  it('passes from a process that is no more to one of those who want it', async () => {
    const path = join(newFolder(), 'lock');
    const own = await ProcessLock.take(path);
    const left = JSON.stringify({ ...ownerOf(path), pid: spawnSync(process.execPath, ['--version']).pid });
    await own?.release();
    for (let round = 0; round < ROUNDS; round += 1) {
      symlinkSync(left, path);
      const taken = await Promise.all(Array.from({ length: 2 * CONTENDERS }, () => ProcessLock.take(path)));
      const [lock, ...more] = taken.filter((each) => each !== undefined);
      expect(more).toEqual([]);
      await lock?.release();
      expect(readdirSync(dirname(path))).toEqual([]);
    }
  });

  it('is never had by two, though those who have it die again and again', async () => {
    const folder = newFolder();
    const live = async (): Promise<string> => {
      const child = spawn(process.execPath, [CONTENDER, BUILT, folder], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [said] = await Promise.all([text(child.stdout), once(child, 'exit')]);
      return said;
    };
    const contend = async (): Promise<readonly string[]> => {
      const said: string[] = [];
      for (let lives = 0; lives < LIVES; lives += 1) said.push(await live());
      return said;
    };
    const said = (await Promise.all(Array.from({ length: CONTENDERS }, contend))).flat().join('');
    expect(said.split('\n').filter((line) => line === 'had')).not.toEqual([]);
    expect(said).not.toContain('overlap');
    // The last has left it, and nothing else.
    expect(readdirSync(folder)).toEqual(['lock']);
    expect(await ProcessLock.holder(join(folder, 'lock'))).toBeUndefined();
    const lock = await ProcessLock.take(join(folder, 'lock'));
    await lock?.release();
    expect(readdirSync(folder)).toEqual([]);
  }, 120_000);
});
