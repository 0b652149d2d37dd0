import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openLevelStore } from '@eko/node-kit';
import { EnvelopeStore } from '../../../network/node-kit/src/slots/envelope-store';
import { openSlotFile } from '../../../network/node-kit/src/slots/slot-file';
import { SecretBytes } from '@eko/protocol';
import { temporaryFolders } from '../../support/temporary-folder';

const newFolder = temporaryFolders();

/** Puts and shreds for ever and prints each change once it is acknowledged; runs on the built files. */
const WRITER = `
  const { openLevelStore } = require(process.argv[1]);
  const { EnvelopeStore } = require(process.argv[1] + '/dist/slots/envelope-store.js');
  const { openSlotFile } = require(process.argv[1] + '/dist/slots/slot-file.js');
  const { SecretBytes } = require(process.argv[2]);
  const folder = process.argv[3];
  (async () => {
    const store = await openLevelStore(folder + '/store');
    const slotFile = await openSlotFile(folder + '/data-keys');
    const storeKey = new SecretBytes('store key', new Uint8Array(32).fill(1));
    const envelopes = await EnvelopeStore.open({ store, slotFile, storeKey, slots: 16 });
    for (let round = 0; ; round += 1) {
      const ids = [0, 1, 2].map((index) => process.argv[4] + '/' + round + '/' + index);
      await envelopes.put(ids.map((id) => ({ id, bytes: new SecretBytes('share', new TextEncoder().encode(id)) })));
      process.stdout.write('put ' + ids.join(' ') + '\\n');
      await envelopes.shred([ids[1]]);
      process.stdout.write('shred ' + ids[1] + '\\n');
    }
  })();
`;

/** Lets a process write until it has acknowledged so many changes, then kills it; answers what it acknowledged. */
async function writeAndKill(folder: string, name: string, changes: number): Promise<readonly string[]> {
  const root = join(__dirname, '../../..');
  const built = [join(root, 'network/node-kit'), join(root, 'client-sdk/protocol')];
  const child = spawn(process.execPath, ['-e', WRITER, ...built, folder, name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const closed = once(child, 'close');
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => {
    lines.push(line);
    if (lines.length === changes) child.kill('SIGKILL');
  });
  await closed;
  return lines;
}

describe('an envelope store whose process is killed', () => {
  it('has every acknowledged share, and none that was shredded', async () => {
    const folder = newFolder();
    const kept = new Set<string>();
    const shredded = new Set<string>();
    for (const [run, changes] of [1, 6, 11, 24].entries()) {
      const lines = await writeAndKill(folder, `run${run}`, changes);
      expect(lines.length).toBeGreaterThanOrEqual(changes);
      for (const line of lines) {
        const [what, ...ids] = line.split(' ');
        for (const id of ids) {
          if (what === 'put') kept.add(id);
          else {
            kept.delete(id);
            shredded.add(id);
          }
        }
      }
      const store = await openLevelStore(join(folder, 'store'));
      const slotFile = await openSlotFile(join(folder, 'data-keys'));
      const envelopes = await EnvelopeStore.open({
        store,
        slotFile,
        storeKey: new SecretBytes('store key', new Uint8Array(32).fill(1)),
      });
      const texts = (await envelopes.get([...kept])).map(({ bytes }) =>
        bytes.use((plain) => Buffer.from(plain).toString()),
      );
      // The shred that was under way may have been done without having been acknowledged.
      const last = lines.at(-1)?.split(' ') ?? [];
      const mayBeGone = last[0] === 'put' ? last[2] : undefined;
      expect([...kept].filter((id) => !texts.includes(id) && id !== mayBeGone)).toEqual([]);
      if (mayBeGone !== undefined && !texts.includes(mayBeGone)) kept.delete(mayBeGone);
      expect(await envelopes.get([...shredded])).toEqual([]);
      expect((await envelopes.list()).filter((id) => shredded.has(id))).toEqual([]);
      await envelopes.close();
      await store.close();
    }
  }, 60_000);
});
