import { join } from 'node:path';
import { openLevelStore, type KeyValueStore } from '@eko/node-kit';
import { type StoreRange } from '../../../../network/node-kit/src/store/key-value-store';
import { MemoryStore } from '../../../support/simulated/memory-store';
import { rejectionOf } from '../../../support/coded-error';
import { temporaryFolders } from '../../../support/temporary-folder';

const newFolder = temporaryFolders();

const adapters: readonly [string, () => Promise<KeyValueStore>][] = [
  ['in memory', async () => new MemoryStore()],
  ['on disk', async () => openLevelStore(join(newFolder(), 'store'))],
];

const put = (key: string, ...value: number[]) =>
  ({ kind: 'put', key, value: Uint8Array.from(value) }) as const;
const remove = (key: string) => ({ kind: 'delete', key }) as const;

describe.each(adapters)('a key-value store %s', (_name, open) => {
  let store: KeyValueStore;
  beforeEach(async () => {
    store = await open();
  });
  afterEach(async () => store.close());

  /** What a listing of the entries gives; one of the keys alone must give the same. */
  const keys = async (range?: StoreRange): Promise<string[]> => {
    const found: string[] = [];
    for await (const { key } of store.list(range)) found.push(key);
    const alone: string[] = [];
    for await (const key of store.keys(range)) alone.push(key);
    expect(alone).toEqual(found);
    return found;
  };

  it('gives back every byte value', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    await store.batch([{ kind: 'put', key: 'bytes', value: bytes }]);
    expect(await store.get('bytes')).toEqual(bytes);
    expect(await store.get('nothing')).toBeUndefined();
  });

  it('gives many values in the order of their keys', async () => {
    await store.batch([put('a', 1), put('b', 2)]);
    expect(await store.getMany(['b', 'nothing', 'a', 'b'])).toEqual([
      Uint8Array.of(2),
      undefined,
      Uint8Array.of(1),
      Uint8Array.of(2),
    ]);
    expect(await store.getMany([])).toEqual([]);
    expect((await rejectionOf(store.getMany(['a', '']))).code).toBe('INVALID_ARGUMENT');
  });

  it('keeps an empty value apart from a missing one', async () => {
    await store.batch([put('empty')]);
    expect(await store.get('empty')).toEqual(new Uint8Array(0));
  });

  it('shares no buffer with its callers', async () => {
    const given = Uint8Array.of(1, 2);
    await store.batch([{ kind: 'put', key: 'a', value: given }]);
    given.fill(9);
    const read = await store.get('a');
    expect(read).toEqual(Uint8Array.of(1, 2));
    read?.fill(9);
    expect(await store.get('a')).toEqual(Uint8Array.of(1, 2));
  });

  it('applies a batch in order', async () => {
    await store.batch([put('a', 1), put('b', 1)]);
    await store.batch([remove('a'), put('c', 1), put('a', 2), put('b', 2), remove('b'), remove('missing')]);
    expect(await store.get('a')).toEqual(Uint8Array.of(2));
    expect(await keys()).toEqual(['a', 'c']);
  });

  it('applies nothing of a batch with a bad key', async () => {
    const error = await rejectionOf(store.batch([put('a', 1), put('', 1)]));
    expect(error.code).toBe('INVALID_ARGUMENT');
    expect(await keys()).toEqual([]);
  });

  it('refuses keys that are empty, half a character or too long', async () => {
    for (const key of ['', '\ud800', 'x'.repeat(1025), 'é'.repeat(513)]) {
      expect((await rejectionOf(store.get(key))).code).toBe('INVALID_ARGUMENT');
    }
    await store.batch([put('é'.repeat(512), 1)]);
  });

  it('lists by prefix, in order of UTF-8 bytes, after a key', async () => {
    await store.batch(
      ['p/\u{1F600}', 'p/\uFFFD', 'p/a\u0000', 'p/a', 'p/b', 'o', 'q', 'p'].map((key) => put(key, 1)),
    );
    expect(await keys({ prefix: 'p/' })).toEqual(['p/a', 'p/a\u0000', 'p/b', 'p/\uFFFD', 'p/\u{1F600}']);
    expect(await keys({ prefix: 'p/', after: 'p/b' })).toEqual(['p/\uFFFD', 'p/\u{1F600}']);
    expect(await keys({ prefix: 'p/', after: 'p/\uFFFD' })).toEqual(['p/\u{1F600}']);
    expect(await keys({ prefix: 'p/', after: 'a' })).toHaveLength(5);
    expect(await keys({ prefix: 'p/', after: 'q' })).toEqual([]);
    expect(await keys({ after: 'p/b', prefix: '' })).toEqual(['p/\uFFFD', 'p/\u{1F600}', 'q']);
    expect(await keys()).toHaveLength(8);
  });

  it('ends where its prefix does, whatever the next character would be', async () => {
    const prefixes = ['a', 'a\uD7FF', 'a\u{10FFFF}', '\u{10FFFF}', '\u{10FFFF}\u{10FFFF}'];
    await store.batch(
      [...prefixes, ...prefixes.map((prefix) => `${prefix}/x`), 'b', 'a\uE000'].map((key) => put(key, 1)),
    );
    expect(await keys({ prefix: 'a\uD7FF' })).toEqual(['a\uD7FF', 'a\uD7FF/x']);
    expect(await keys({ prefix: 'a\u{10FFFF}' })).toEqual(['a\u{10FFFF}', 'a\u{10FFFF}/x']);
    expect(await keys({ prefix: 'a' })).toHaveLength(7);
    expect(await keys({ prefix: '\u{10FFFF}' })).toHaveLength(4);
  });

  it('lists a snapshot', async () => {
    await store.batch([put('a', 1), put('b', 1)]);
    const seen: string[] = [];
    for await (const { key } of store.list()) {
      seen.push(key);
      if (seen.length === 1) await store.batch([remove('b'), put('c', 1)]);
    }
    expect(seen).toEqual(['a', 'b']);
  });

  it('refuses everything once it is closed', async () => {
    await store.close();
    expect((await rejectionOf(store.get('a'))).code).toBe('SHUTTING_DOWN');
    expect((await rejectionOf(store.batch([put('a', 1)]))).code).toBe('SHUTTING_DOWN');
    expect((await rejectionOf(keys())).code).toBe('SHUTTING_DOWN');
    expect((await rejectionOf(firstOf(store.keys()))).code).toBe('SHUTTING_DOWN');
  });
});

async function firstOf<T>(values: AsyncIterable<T>): Promise<T | undefined> {
  for await (const value of values) return value;
  return undefined;
}

describe('the store on disk', () => {
  it('keeps what it answered over a new opening', async () => {
    const folder = newFolder();
    const first = await openLevelStore(folder);
    await first.batch([put('a', 7)]);
    await first.close();
    const second = await openLevelStore(folder);
    expect(await second.get('a')).toEqual(Uint8Array.of(7));
    await second.close();
  });

  it('keeps a second writer out', async () => {
    const folder = newFolder();
    const first = await openLevelStore(folder);
    const error = await rejectionOf(openLevelStore(folder));
    expect(error.code).toBe('BAD_STATE');
    expect(error.details).toEqual({ directory: folder });
    await first.close();
  });

  it('does not ask the disk at each write while there is ample room', async () => {
    let asked = 0;
    const freeBytes = async (): Promise<number> => {
      asked += 1;
      return 45_000;
    };
    const store = await openLevelStore(newFolder(), { reserveBytes: 5_000, freeBytes });
    await store.batch([put('a', 1)]);
    await store.batch([put('b', 1)]);
    expect(asked).toBe(1);
    await store.batch([{ kind: 'put', key: 'c', value: new Uint8Array(6_000) }]);
    expect(asked).toBe(2);
    await store.close();
  });

  it('refuses to write into its reserve, and still reads and deletes', async () => {
    let free = 10_000;
    const store = await openLevelStore(newFolder(), { reserveBytes: 5_000, freeBytes: async () => free });
    await store.batch([put('a', 1)]);
    free = 5_001;
    expect((await rejectionOf(store.batch([put('b', 1)]))).code).toBe('STORE_FULL');
    expect(await store.get('b')).toBeUndefined();
    expect(await store.get('a')).toEqual(Uint8Array.of(1));
    await store.batch([remove('a')]);
    expect(await store.get('a')).toBeUndefined();
    free = 6_000;
    await store.batch([put('b', 1)]);
    await store.close();
  });
});
