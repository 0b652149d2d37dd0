import { RecordStore } from '@eko/node-kit';
import type { StoreRange } from '../../../../network/node-kit/src/store/key-value-store';
import { type ListedRecord } from '../../../../network/node-kit/src/store/record-store';
import { Type } from '@sinclair/typebox';
import { MemoryStore } from '../../../support/simulated/memory-store';
import { rejectionOf } from '../../../support/coded-error';

const Counter = Type.Object({ count: Type.Integer() }, { additionalProperties: false });

const newRecords = (store = new MemoryStore(), version = 1) => ({
  store,
  records: new RecordStore({ store, prefix: 'counter/', version, schema: Counter }),
});

describe('a record store', () => {
  it('gives back what was put, and lists it in order', async () => {
    const { store, records } = newRecords();
    await store.batch([records.putOperation('b', { count: 2 }), records.putOperation('a', { count: 1 })]);
    await records.put('c', { count: 3 });
    await store.batch([{ kind: 'put', key: 'other', value: Uint8Array.of(1) }, records.deleteOperation('b')]);
    const listed: ListedRecord<{ count: number }>[] = [];
    for await (const one of records.list()) listed.push(one);
    expect(listed).toEqual([
      { kind: 'record', id: 'a', record: { count: 1 } },
      { kind: 'record', id: 'c', record: { count: 3 } },
    ]);
    expect(await records.get('b')).toBeUndefined();
  });

  it('names the record at any flipped bit or cut, and serves the others', async () => {
    const { store, records } = newRecords();
    await records.put('good', { count: 1 });
    const { key, value } = records.putOperation('bad', { count: 77 }) as { key: string; value: Uint8Array };
    const damaged = [
      ...Array.from(value, (_, index) => value.map((byte, at) => (at === index ? byte ^ 1 : byte))),
      ...Array.from(value, (_, length) => value.slice(0, length)),
    ];
    for (const bytes of damaged) {
      await store.batch([{ kind: 'put', key, value: bytes }]);
      const error = await rejectionOf(records.get('bad'));
      expect([error.code, error.details]).toEqual(['CORRUPT_RECORD', { key: 'counter/bad' }]);
    }
    const kinds: string[] = [];
    for await (const one of records.list()) kinds.push(`${one.id} ${one.kind}`);
    expect(kinds).toEqual(['bad broken', 'good record']);
    // Who only wants to know what there is reads nothing that could be damaged.
    const idsOf = async (range?: StoreRange): Promise<string[]> => {
      const ids: string[] = [];
      for await (const id of records.ids(range)) ids.push(id);
      return ids;
    };
    expect(await idsOf()).toEqual(['bad', 'good']);
    expect([await idsOf({ after: 'bad' }), await idsOf({ prefix: 'b' })]).toEqual([['good'], ['bad']]);
  });

  it('refuses a record that lies under the key of another', async () => {
    const { store, records } = newRecords();
    await records.put('a', { count: 1 });
    const value = await store.get('counter/a');
    await store.batch([{ kind: 'put', key: 'counter/b', value: value! }]);
    expect((await rejectionOf(records.get('b'))).code).toBe('CORRUPT_RECORD');
  });

  it('refuses another version by name, and a shape that is not its own', async () => {
    const { store, records } = newRecords();
    await newRecords(store, 2).records.put('a', { count: 1 });
    const error = await rejectionOf(records.get('a'));
    expect([error.code, error.details]).toEqual(['UNSUPPORTED_VERSION', { key: 'counter/a', version: 2 }]);
    const loose = new RecordStore({ store, prefix: 'counter/', version: 1, schema: Type.Any() });
    await loose.put('b', { count: 'one' });
    expect((await rejectionOf(records.get('b'))).code).toBe('CORRUPT_RECORD');
  });
});
