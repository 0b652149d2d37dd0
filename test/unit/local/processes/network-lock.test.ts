import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { clearDirectory } from '../../../../network/local/src/processes/clear-directory';
import {
  networkLockHolder,
  takeNetworkLock,
  withNetworkLock,
} from '../../../../network/local/src/processes/network-lock';
import { rejectionOf } from '../../../support/coded-error';
import { temporaryFolders } from '../../../support/temporary-folder';

const AT_ONCE = { waitMs: 0 };

describe('the lock of a network of this machine', () => {
  const newFolder = temporaryFolders();
  let directory: string;
  beforeEach(() => {
    directory = newFolder();
  });

  it('lets one command after the other change the network', async () => {
    const order: string[] = [];
    const first = await takeNetworkLock(directory);
    const second = withNetworkLock(directory, async () => order.push('second'), {
      // It has seen that it has to wait.
      whileHeld: async () => {
        order.push('waits');
        await first.release();
      },
    });
    await second;
    expect(order).toEqual(['waits', 'second']);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('is refused while somebody holds it, naming where its process is named, and free after a failure', async () => {
    const fail = withNetworkLock(directory, async () => {
      expect(await networkLockHolder(directory)).toContain(`"pid":${process.pid}`);
      const refused = await rejectionOf(withNetworkLock(directory, async () => 'never', AT_ONCE));
      expect(refused).toMatchObject({
        code: 'BAD_STATE',
        details: { directory, file: join(directory, readdirSync(directory)[0] ?? '') },
      });
      throw new Error('work failed');
    });
    await expect(fail).rejects.toThrow('work failed');
    expect(await networkLockHolder(directory)).toBeUndefined();
    expect(await withNetworkLock(directory, async () => 'done', AT_ONCE)).toBe('done');
  });

  it('ends a wait as whoever waits wants it', async () => {
    const held = await takeNetworkLock(directory);
    const whileHeld = () => Promise.reject(new Error('it runs'));
    await expect(takeNetworkLock(directory, { whileHeld })).rejects.toThrow('it runs');
    await held.release();
  });

  it('is refused in a directory that cannot be one, naming it', async () => {
    const file = join(directory, 'file');
    writeFileSync(file, '');
    expect(await rejectionOf(takeNetworkLock(file))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      details: { file },
    });
  });

  it('is not waited for by who was told to stop', async () => {
    const held = await takeNetworkLock(directory);
    const stopped = new AbortController();
    const waiting = takeNetworkLock(directory, {
      signal: stopped.signal,
      whileHeld: async () => {
        stopped.abort();
      },
    });
    expect((await rejectionOf(waiting)).code).toBe('CANCELLED');
    await held.release();
  });

  it('is taken in a directory that was removed while it was waited for', async () => {
    await takeNetworkLock(directory);
    const lock = await takeNetworkLock(directory, {
      whileHeld: () => rm(directory, { recursive: true }),
    });
    expect(await networkLockHolder(directory)).toContain(`"pid":${process.pid}`);
    await lock.release();
  });

  it('guards a directory by whatever name it is reached', async () => {
    const held = await takeNetworkLock(directory);
    const moved = `${directory}-moved`;
    await rename(directory, moved);
    expect(await networkLockHolder(moved)).toBeDefined();
    await rename(moved, directory);
    await held.release();
  });
});

describe('clearing the directory of a network of this machine', () => {
  const newFolder = temporaryFolders();

  it('does nothing where there is none', async () => {
    const directory = join(newFolder(), 'missing');
    const never = () => Promise.reject(new Error('there is nothing to clear'));
    await clearDirectory({ directory, entries: [] }, never);
    expect(existsSync(directory)).toBe(false);
  });

  it('leaves everything where it may not be cleared', async () => {
    const directory = newFolder();
    const entries = [join(directory, 'network.json')];
    writeFileSync(entries[0]!, '{}');
    const refuse = () => Promise.reject(new Error('it runs'));
    await expect(clearDirectory({ directory, entries }, refuse)).rejects.toThrow('it runs');
    expect(readdirSync(directory)).toEqual(['network.json']);
    await clearDirectory({ directory, entries }, () => Promise.resolve());
    expect(existsSync(directory)).toBe(false);
  });

  it('waits for whoever changes it', async () => {
    const directory = newFolder();
    const held = await takeNetworkLock(directory);
    const clear = () => clearDirectory({ directory, entries: [] }, () => Promise.resolve(), AT_ONCE);
    expect((await rejectionOf(clear())).code).toBe('BAD_STATE');
    await held.release();
    await clear();
    expect(existsSync(directory)).toBe(false);
  });
});
