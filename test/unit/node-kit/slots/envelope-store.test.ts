import { chmodSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openLevelStore, type KeyValueStore } from '@eko/node-kit';
import { EnvelopeStore } from '../../../../network/node-kit/src/slots/envelope-store';
import { openSlotFile, type SlotFile } from '../../../../network/node-kit/src/slots/slot-file';
import { SecretBytes } from '@eko/protocol';
import { FakeSlotFile } from '../../../support/simulated/fake-slot-file';
import { MemoryStore } from '../../../support/simulated/memory-store';
import { rejectionOf } from '../../../support/coded-error';
import { temporaryFolders } from '../../../support/temporary-folder';

const newFolder = temporaryFolders();
const newStoreKey = (fill = 7) => new SecretBytes('store key', new Uint8Array(32).fill(fill));
const shareBytes = (fill: number) => Uint8Array.from({ length: 64 }, (_, index) => (fill + index) & 255);
const share = (id: string, fill: number) => ({ id, bytes: new SecretBytes('share', shareBytes(fill)) });

const open = (store: KeyValueStore, slotFile: SlotFile, storeKey = newStoreKey()) =>
  EnvelopeStore.open({ store, slotFile, storeKey, slots: 4 });

/** What the store gives back under some ids, as plain bytes. */
async function readAll(envelopes: EnvelopeStore, ...ids: string[]): Promise<Record<string, Uint8Array>> {
  const records = await envelopes.get(ids);
  return Object.fromEntries(
    records.map(({ id, bytes }) => [id, bytes.use((plain) => Uint8Array.from(plain))]),
  );
}

async function newEnvelopes() {
  const store = new MemoryStore();
  const slotFile = new FakeSlotFile();
  return { store, slotFile, envelopes: await open(store, slotFile) };
}

describe('an envelope store', () => {
  it('gives back what was put, leaves out what is not there, and lists', async () => {
    const { envelopes, store } = await newEnvelopes();
    await store.batch([{ kind: 'put', key: 'other', value: Uint8Array.of(1) }]);
    await envelopes.put([share('a', 1), share('b', 2)]);
    await envelopes.put([share('c', 3)]);
    expect(await readAll(envelopes, 'a', 'c', 'x')).toEqual({ a: shareBytes(1), c: shareBytes(3) });
    expect(await envelopes.list()).toEqual(['a', 'b', 'c']);
  });

  it('grows when its slots are used up, and keeps everything over a new opening', async () => {
    const { envelopes, store, slotFile } = await newEnvelopes();
    const ids = Array.from({ length: 21 }, (_, index) => `s${index}`);
    await envelopes.put(ids.map((id, index) => share(id, index)));
    const again = await open(store, new FakeSlotFile(slotFile.bytes()));
    expect(await readAll(again, 's0', 's20')).toEqual({ s0: shareBytes(0), s20: shareBytes(20) });
    expect(await again.list()).toHaveLength(21);
  });

  it('replaces a record', async () => {
    const { envelopes } = await newEnvelopes();
    await envelopes.put([share('a', 1)]);
    await envelopes.put([share('a', 9)]);
    expect(await readAll(envelopes, 'a')).toEqual({ a: shareBytes(9) });
  });

  it('shreds some and leaves the others, more than once, and takes the same id again', async () => {
    const { envelopes, store, slotFile } = await newEnvelopes();
    await envelopes.put([share('a', 1), share('b', 2)]);
    await envelopes.shred(['a', 'unknown']);
    await envelopes.shred(['a']);
    expect(await readAll(envelopes, 'a', 'b')).toEqual({ b: shareBytes(2) });
    expect(await envelopes.list()).toEqual(['b']);
    const again = await open(store, slotFile);
    expect(await readAll(again, 'a', 'b')).toEqual({ b: shareBytes(2) });
    await again.put([share('a', 5)]);
    expect(await readAll(again, 'a')).toEqual({ a: shareBytes(5) });
  });

  it('uses slots again', async () => {
    const { envelopes, slotFile } = await newEnvelopes();
    const size = slotFile.bytes().length;
    for (let round = 0; round < 10; round += 1) {
      await envelopes.put([share(`a${round}`, round), share(`b${round}`, round)]);
      await envelopes.shred([`a${round}`, `b${round}`]);
    }
    expect(slotFile.bytes()).toHaveLength(size);
  });

  it('destroys the key, so that an old copy of the record opens no more', async () => {
    const { envelopes, store, slotFile } = await newEnvelopes();
    await envelopes.put([share('a', 1)]);
    const oldRecord = await store.get('share/a');
    const slotsBefore = slotFile.bytes();
    await envelopes.shred(['a']);
    await store.batch([{ kind: 'put', key: 'share/a', value: oldRecord! }]);
    const again = await open(store, new FakeSlotFile(slotFile.bytes()));
    expect(await readAll(again, 'a')).toEqual({});
    // With the old key it would still open: it is the overwriting that destroys it.
    await store.batch([{ kind: 'put', key: 'share/a', value: oldRecord! }]);
    expect(await readAll(await open(store, new FakeSlotFile(slotsBefore)), 'a')).toEqual({
      a: shareBytes(1),
    });
  });

  it('refuses a put on a full disk and still destroys', async () => {
    const { envelopes, store, slotFile } = await newEnvelopes();
    await envelopes.put([share('a', 1)]);
    store.isFull = true;
    expect((await rejectionOf(envelopes.put([share('b', 2)]))).code).toBe('STORE_FULL');
    expect(await readAll(envelopes, 'a', 'b')).toEqual({ a: shareBytes(1) });
    await envelopes.shred(['a']);
    expect(await readAll(envelopes, 'a')).toEqual({});
    store.isFull = false;
    await envelopes.put([share('b', 2)]);
    const again = await open(store, slotFile);
    expect(await readAll(again, 'a', 'b')).toEqual({ b: shareBytes(2) });
  });

  it('destroys although deletions cannot be written, and finishes them at the next opening', async () => {
    const { envelopes, store, slotFile } = await newEnvelopes();
    await envelopes.put([share('a', 1)]);
    store.isFull = true;
    store.refusesDeletions = true;
    await envelopes.shred(['a']);
    expect(await readAll(envelopes, 'a')).toEqual({});
    store.isFull = false;
    store.refusesDeletions = false;
    expect(await store.get('share/a')).toBeDefined();
    await open(store, slotFile);
    expect(await store.get('share/a')).toBeUndefined();
  });

  it('does not show a share in store or slots', async () => {
    const { envelopes, store, slotFile } = await newEnvelopes();
    const canary = Buffer.from('canary-share-canary-share-canary');
    await envelopes.put([{ id: 'a', bytes: new SecretBytes('share', Uint8Array.from(canary)) }]);
    expect(Buffer.from((await store.get('share/a'))!).includes(canary.subarray(0, 8))).toBe(false);
    expect(Buffer.from(slotFile.bytes()).includes(canary.subarray(0, 8))).toBe(false);
  });

  it('seals the same share anew each time', async () => {
    const { envelopes, store } = await newEnvelopes();
    await envelopes.put([share('a', 1)]);
    const first = await store.get('share/a');
    await envelopes.put([share('a', 1)]);
    expect(await store.get('share/a')).not.toEqual(first);
  });
});

describe('a damaged envelope store', () => {
  it('names the record at any flipped byte or cut of it, and serves the others', async () => {
    const { envelopes, store } = await newEnvelopes();
    await envelopes.put([share('a', 1), share('b', 2)]);
    const value = (await store.get('share/a'))!;
    const damaged = [
      ...Array.from(value, (_, at) => value.map((byte, index) => (index === at ? byte ^ 1 : byte))),
      ...[0, 11, 12, 27, 28, value.length - 1].map((length) => value.slice(0, length)),
    ];
    for (const bytes of damaged) {
      await store.batch([{ kind: 'put', key: 'share/a', value: bytes }]);
      const error = await rejectionOf(envelopes.get(['b', 'a']));
      expect([error.code, error.details]).toEqual(['CORRUPT_RECORD', { key: 'a' }]);
    }
    expect(await readAll(envelopes, 'b')).toEqual({ b: shareBytes(2) });
  });

  it('names the record at any flipped byte of its slot, refuses or ignores it elsewhere, never gives garbage', async () => {
    const { envelopes, store, slotFile } = await newEnvelopes();
    await envelopes.put([share('a', 1), share('b', 2)]);
    const sound = slotFile.bytes();
    const records = [await store.get('share/a'), await store.get('share/b')];
    let named = 0;
    let refused = 0;
    for (let at = 0; at < sound.length; at += 1) {
      const copy = new MemoryStore();
      await copy.batch(
        records.map((value, index) => ({ kind: 'put', key: `share/${'ab'[index]}`, value: value! })),
      );
      const flipped = sound.map((byte, index) => (index === at ? byte ^ 1 : byte));
      let damaged: EnvelopeStore;
      try {
        damaged = await open(copy, new FakeSlotFile(flipped));
      } catch (error) {
        expect(error).toMatchObject({ code: 'CORRUPT_RECORD', details: { file: 'fake.slots' } });
        refused += 1;
        continue;
      }
      expect(await damaged.list()).toEqual(['a', 'b']);
      for (const [id, fill] of [
        ['a', 1],
        ['b', 2],
      ] as const) {
        try {
          expect(await readAll(damaged, id)).toEqual({ [id]: shareBytes(fill) });
        } catch (error) {
          expect(error).toMatchObject({ code: 'CORRUPT_RECORD', details: { key: id } });
          named += 1;
          await damaged.shred([id]);
          expect(await readAll(damaged, id)).toEqual({});
        }
      }
    }
    // Every byte of the header, and every byte of the two slots in use.
    expect([refused, named]).toEqual([128, 256]);
  });

  it('takes a broken record anew', async () => {
    const { envelopes, store, slotFile } = await newEnvelopes();
    await envelopes.put([share('a', 1)]);
    const flipped = slotFile.bytes();
    flipped[200] = (flipped[200] ?? 0) ^ 1;
    const damaged = await open(store, new FakeSlotFile(flipped));
    await damaged.put([share('a', 4)]);
    expect(await readAll(damaged, 'a')).toEqual({ a: shareBytes(4) });
  });

  it('refuses a record or a slot moved to the place of another', async () => {
    const { envelopes, store, slotFile } = await newEnvelopes();
    await envelopes.put([share('a', 1), share('b', 2)]);
    const [a, b] = [await store.get('share/a'), await store.get('share/b')];
    await store.batch([
      { kind: 'put', key: 'share/a', value: b! },
      { kind: 'put', key: 'share/b', value: a! },
    ]);
    expect((await rejectionOf(envelopes.get(['a']))).details).toEqual({ key: 'a' });
    const bytes = slotFile.bytes();
    const swapped = Uint8Array.from(bytes);
    swapped.set(bytes.subarray(128, 256), 256);
    swapped.set(bytes.subarray(256, 384), 128);
    expect((await rejectionOf((await open(store, new FakeSlotFile(swapped))).get(['b']))).code).toBe(
      'CORRUPT_RECORD',
    );
  });

  it('refuses a file that is cut short, missing or of another store key', async () => {
    const { envelopes, store, slotFile } = await newEnvelopes();
    await envelopes.put([share('a', 1)]);
    const bytes = slotFile.bytes();
    for (const length of [1, 127, 128, 129, bytes.length - 1]) {
      const error = await rejectionOf(open(store, new FakeSlotFile(bytes.slice(0, length))));
      expect([error.code, error.details['file']]).toEqual(['CORRUPT_RECORD', 'fake.slots']);
    }
    expect((await rejectionOf(open(store, new FakeSlotFile()))).code).toBe('CORRUPT_RECORD');
    expect((await rejectionOf(open(store, slotFile, newStoreKey(8)))).code).toBe('INVALID_CONFIG');
  });
});

describe('an envelope store on disk', () => {
  it('keeps and destroys over new openings, in files that others cannot read', async () => {
    const folder = newFolder();
    const file = join(folder, 'keys.slots');
    const store = await openLevelStore(join(folder, 'store'));
    const envelopes = await open(store, await openSlotFile(file));
    await envelopes.put(Array.from({ length: 50 }, (_, index) => share(`s${index}`, index)));
    await envelopes.shred(['s1']);
    await envelopes.close();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const again = await open(store, await openSlotFile(file));
    expect(await readAll(again, 's0', 's1', 's49')).toEqual({ s0: shareBytes(0), s49: shareBytes(49) });
    await again.close();

    truncateSync(file, readFileSync(file).length - 1);
    const slotFile = await openSlotFile(file);
    const cut = await rejectionOf(open(store, slotFile));
    await slotFile.close();
    expect([cut.code, cut.details]).toEqual(['CORRUPT_RECORD', { file }]);
    await store.close();
  });

  it('refuses a slot file that others can read', async () => {
    const file = join(newFolder(), 'keys.slots');
    writeFileSync(file, '');
    chmodSync(file, 0o644);
    const error = await rejectionOf(openSlotFile(file));
    expect([error.code, error.details]).toEqual(['INVALID_CONFIG', { file }]);
  });
});
