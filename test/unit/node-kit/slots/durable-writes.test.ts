import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { SecretBytes } from '@eko/protocol';
import { RecordStore, SlotStore, openLevelStore } from '@eko/node-kit';
import { openSlotFile } from '../../../../network/node-kit/src/slots/slot-file';
import { Type } from '@sinclair/typebox';
import { ClassicLevel } from 'classic-level';
import { filledShare } from './promised-shares';
import { temporaryFolders } from '../../../support/temporary-folder';

const newFolder = temporaryFolders();

/** An object whose calls are noted, and reach it as if they were not. */
function noted<T extends object>(
  target: T,
  note: (name: string | symbol, given: readonly unknown[]) => void,
): T {
  return new Proxy(target, {
    get: (_target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]): unknown => {
        note(name, given);
        return Reflect.apply(value, target, given);
      };
    },
  });
}

// A process that is killed loses nothing that the system has: only a power cut shows what is missing here.
describe('what a node calls durable', () => {
  it('is asked of LevelDB with sync, unless the caller says that it need not', async () => {
    const syncs: unknown[] = [];
    const store = await openLevelStore(join(newFolder(), 'store'), {
      newLevel: (directory, options) =>
        noted(new ClassicLevel(directory, options), (name, given) => {
          if (name === 'batch') syncs.push((given[1] as { sync?: boolean } | undefined)?.sync);
        }),
    });
    const key = { kind: 'put', key: 'a', value: new Uint8Array(1) } as const;
    await store.batch([key]);
    await store.batch([key], { sync: true });
    await store.batch([{ kind: 'delete', key: 'a' }]);
    const records = new RecordStore({ store, prefix: 'r/', version: 1, schema: Type.String() });
    await records.put('x', 'y');
    await store.batch([key], { sync: false });
    await store.close();
    expect(syncs).toEqual([true, true, true, true, false]);
  });

  it('is synchronised by the slot file after the bytes are written and before anything else', async () => {
    const calls: string[] = [];
    const slotFile = await openSlotFile(join(newFolder(), 'slots'), async (...args) =>
      noted(await open(...args), (name) => {
        if (name === 'write' || name === 'datasync' || name === 'sync') calls.push(name);
      }),
    );
    const storeKey = new SecretBytes('store key', new Uint8Array(32).fill(1));
    const secrets = await SlotStore.open({ slotFile, storeKey, label: 'share', slots: 8 });
    // Room first, then the header that counts it.
    expect(calls).toEqual(['write', 'datasync', 'write', 'datasync']);
    calls.length = 0;
    await secrets.put([filledShare('a', 1)]);
    expect([calls.at(-1), calls.filter((call) => call === 'write').length]).toEqual(['datasync', 1]);
    calls.length = 0;
    await secrets.shred(['a']);
    expect([calls.at(-1), calls.filter((call) => call === 'write').length]).toEqual(['datasync', 1]);
    await secrets.close();
  });
});

describe('what a node has on disk', () => {
  it('is for its own user alone, in a folder that was made by somebody else too', async () => {
    const directory = join(newFolder(), 'store');
    mkdirSync(directory, { mode: 0o755 });
    chmodSync(directory, 0o755);
    const first = await openLevelStore(directory);
    await first.batch([{ kind: 'put', key: 'a', value: new Uint8Array(10) }]);
    await first.close();
    for (const file of readdirSync(directory)) chmodSync(join(directory, file), 0o644);
    writeFileSync(join(directory, 'LOG.old'), '', { mode: 0o644 });
    const again = await openLevelStore(directory);
    const modes = new Set(readdirSync(directory).map((file) => statSync(join(directory, file)).mode & 0o777));
    expect([...modes]).toEqual([0o600]);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    await again.close();
  });
});
