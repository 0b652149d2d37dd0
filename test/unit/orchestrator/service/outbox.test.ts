import { SecretBytes } from '@eko/protocol';
import { hashText } from '@eko/protocol/crypto';
import { type StoreOperation } from '@eko/node-kit';
import { EnvelopeStore } from '../../../../network/node-kit/src/slots/envelope-store';
import { Outbox } from '../../../../network/orchestrator/src/service/outbox';
import type { NewDealing } from '../../../../network/orchestrator/src/core/new-dealing';
import { BUNDLE_ID, dealingId, dealingsRecord } from '../../../support/data/ledger-facts';
import { FakeSlotFile } from '../../../support/simulated/fake-slot-file';
import { newGate } from '../../../support/gate';
import { MemoryStore } from '../../../support/simulated/memory-store';
import { rejectionOf } from '../../../support/coded-error';
import { nextTurn } from '../../../support/simulated/process-life';
import { MemoryEnvelopes } from '../../../support/simulated/memory-envelopes';

const HOLDERS = ['initiator', 'provider', 'witness-a', 'witness-b'];

function dealingOf(fill: string): NewDealing {
  const [recorded] = dealingsRecord().dealings;
  if (recorded === undefined) throw new Error('the record has a dealing');
  const { signature: deliverySignature, ...template } = recorded;
  // Of different sizes, as those of witnesses that serve different streams are.
  const envelopes = HOLDERS.map((_, place) => new Uint8Array(10 + place).fill(place + fill.charCodeAt(0)));
  return {
    epoch: 1,
    fence: 0,
    dealing: { ...template, dealingId: dealingId(fill), envelopes: envelopes.map(hashText) },
    deliverySignature,
    holders: HOLDERS,
    sheet: new Uint8Array(8).fill(1),
    envelopes,
  };
}

const nameOf = (fill: string, position: number): string =>
  `${BUNDLE_ID}/${dealingId(fill)}/${position.toString().padStart(5, '0')}`;
const keyOf = (fill: string) => ({ bundleId: BUNDLE_ID, dealingId: dealingId(fill) });

describe('the outbox', () => {
  it('gives every holder exactly its own envelope', async () => {
    const store = new MemoryStore();
    const outbox = new Outbox(store, new MemoryEnvelopes(store));
    const dealt = dealingOf('d');
    await outbox.put(BUNDLE_ID, dealt);
    for (const [place, holder] of HOLDERS.entries()) {
      const delivery = await outbox.delivery(keyOf('d'), holder);
      expect(hashText(delivery?.envelope ?? new Uint8Array())).toBe(dealt.dealing.envelopes[place]);
      expect(delivery).toMatchObject({ bundleId: BUNDLE_ID, epoch: 1, fence: 0, holders: HOLDERS });
      expect(delivery?.signature).toBe(dealt.deliverySignature);
    }
    expect(await outbox.delivery(keyOf('d'), 'witness-c')).toBeUndefined();
    expect(await outbox.delivery(keyOf('e'), 'initiator')).toBeUndefined();
  });

  it('gives of a new dealing, which it has at hand, what a later start gives from the disk, and nothing once it is destroyed', async () => {
    const store = new MemoryStore();
    const outbox = new Outbox(store, new MemoryEnvelopes(store));
    const later = new Outbox(store, new MemoryEnvelopes(store));
    await outbox.put(BUNDLE_ID, dealingOf('d'));
    for (const holder of HOLDERS) {
      const delivery = await outbox.delivery(keyOf('d'), holder);
      expect(delivery).toBeDefined();
      expect(await later.delivery(keyOf('d'), holder)).toEqual(delivery);
    }
    await outbox.destroy(BUNDLE_ID, [dealingId('d')]);
    for (const holder of HOLDERS) expect(await outbox.delivery(keyOf('d'), holder)).toBeUndefined();
    await outbox.release(keyOf('d'), HOLDERS);
    expect(await outbox.list()).toEqual([]);
  });

  it('forgets a holder that has acknowledged, and nobody else', async () => {
    const store = new MemoryStore();
    const outbox = new Outbox(store, new MemoryEnvelopes(store));
    await outbox.put(BUNDLE_ID, dealingOf('d'));
    await outbox.release(keyOf('d'), ['witness-a']);
    expect(await outbox.waiting(keyOf('d'))).toEqual(['initiator', 'provider', 'witness-b']);
    expect(await outbox.delivery(keyOf('d'), 'witness-a')).toBeUndefined();
    expect(await outbox.delivery(keyOf('d'), 'witness-b')).toBeDefined();
  });

  it('names all who wait, of every dealing, and leaves out the name that cannot be read', async () => {
    const store = new MemoryStore();
    const outbox = new Outbox(store, new MemoryEnvelopes(store));
    await outbox.put(BUNDLE_ID, dealingOf('d'));
    await outbox.put(BUNDLE_ID, dealingOf('e'));
    await outbox.release(keyOf('d'), ['witness-a']);
    await store.batch([{ kind: 'put', key: `waiting/${nameOf('e', 1)}`, value: Uint8Array.of(1) }]);
    const waiting: string[] = [];
    for await (const { key, holder } of outbox.allWaiting())
      waiting.push(`${key.dealingId.slice(0, 1)} ${holder ?? 'broken'}`);
    expect(waiting).toEqual([
      ...['d initiator', 'd provider', 'd witness-b'],
      ...['e initiator', 'e broken', 'e witness-a', 'e witness-b'],
    ]);
  });

  it('destroys one dealing and keeps the other', async () => {
    const store = new MemoryStore();
    const envelopes = new MemoryEnvelopes(store);
    const outbox = new Outbox(store, envelopes);
    await outbox.put(BUNDLE_ID, dealingOf('d'));
    await outbox.put(BUNDLE_ID, dealingOf('e'));
    await outbox.destroy(BUNDLE_ID, [dealingId('d'), dealingId('x')]);
    expect(await outbox.list()).toEqual([keyOf('e')]);
    expect(await envelopes.list()).toEqual(HOLDERS.map((_, position) => nameOf('e', position)));
    expect(await outbox.waiting(keyOf('d'))).toEqual([]);
  });

  it('stores nothing when its store is full', async () => {
    const full = new MemoryStore();
    full.isFull = true;
    const envelopes = new MemoryEnvelopes(full);
    const outbox = new Outbox(full, envelopes);
    expect((await rejectionOf(outbox.put(BUNDLE_ID, dealingOf('d')))).code).toBe('STORE_FULL');
    full.isFull = false;
    expect([await envelopes.list(), await outbox.list()]).toEqual([[], []]);
  });

  it('lists envelopes whose dealing a crash cut off, so that they can be destroyed', async () => {
    const store = new MemoryStore();
    const envelopes = new MemoryEnvelopes(store);
    using bytes = new SecretBytes('share', new Uint8Array(4));
    await envelopes.put([{ id: nameOf('d', 1), bytes }]);
    const outbox = new Outbox(store, envelopes);
    expect(await outbox.list()).toEqual([keyOf('d')]);
    await outbox.destroy(BUNDLE_ID, [dealingId('d')]);
    expect(await outbox.list()).toEqual([]);
  });

  it.each<[string, (outbox: Outbox) => Promise<void>, readonly string[]]>([
    ['a whole dealing', (outbox) => outbox.destroy(BUNDLE_ID, [dealingId('d')]), HOLDERS],
    ['what a witness has taken', (outbox) => outbox.release(keyOf('d'), ['witness-a']), ['witness-a']],
    [
      'what of a stream has ended',
      (outbox) => outbox.release(keyOf('d'), ['initiator', 'provider', 'witness-b']),
      ['initiator', 'provider', 'witness-b'],
    ],
  ])('leaves nothing readable on disk of what it destroyed: %s', async (_, destroy, gone) => {
    const store = new MemoryStore();
    const slotFile = new FakeSlotFile();
    const storeKey = new SecretBytes('store key', new Uint8Array(32).fill(5));
    const envelopes = await EnvelopeStore.open({ store, slotFile, storeKey, prefix: 'envelope/', slots: 16 });
    const outbox = new Outbox(store, envelopes);
    await outbox.put(BUNDLE_ID, dealingOf('d'));
    const before = await copyOf(store);
    await destroy(outbox);

    // Somebody puts every deleted record back, as an old copy of the disk would.
    await store.batch(before);
    const disk = new FakeSlotFile(slotFile.bytes());
    const later = new Outbox(
      store,
      await EnvelopeStore.open({ store, slotFile: disk, storeKey, prefix: 'envelope/', slots: 16 }),
    );
    for (const holder of HOLDERS) {
      const delivery = await later.delivery(keyOf('d'), holder);
      expect([holder, delivery === undefined]).toEqual([holder, gone.includes(holder)]);
    }
  });

  it('destroys together what is acknowledged together', async () => {
    const store = new MemoryStore();
    const envelopes = new MemoryEnvelopes(store);
    const gate = newGate();
    const outbox = new Outbox(store, envelopes, () => gate.wait);
    await outbox.put(BUNDLE_ID, dealingOf('d'));
    const writes: number[] = [];
    const shred = envelopes.shred.bind(envelopes);
    envelopes.shred = async (ids) => {
      writes.push(ids.length);
      await shred(ids);
    };
    const released = HOLDERS.map((holder) => outbox.release(keyOf('d'), [holder]));
    for (let turn = 0; turn < 20; turn += 1) await nextTurn();
    expect(writes).toEqual([]);
    gate.open();
    await Promise.all(released);
    expect(writes).toEqual([HOLDERS.length]);
    expect(await outbox.waiting(keyOf('d'))).toEqual([]);
  });
});

/** Everything that a store holds, to be put back. */
async function copyOf(store: MemoryStore): Promise<StoreOperation[]> {
  const operations: StoreOperation[] = [];
  for await (const { key, value } of store.list({ prefix: '' })) operations.push({ kind: 'put', key, value });
  return operations;
}
