import type { StoreOperation } from '@eko/node-kit';
import type { ClientChange } from '@eko/sdk';
import { BundleProjection } from '../../../../client-sdk/sdk/src/bundles/bundle-projection';
import { EventHistory } from '../../../../network/party/src/service/event-history';
import { PartyStore } from '../../../../network/party/src/service/party-store';
import { MemoryStore } from '../../../support/simulated/memory-store';
import { BUNDLE_ID, endRecord, ended, recorded, requested, txId } from '../../../support/data/ledger-facts';
import { newSimulatedNode } from '../../../support/simulated/simulated-node';

const NODE = newSimulatedNode('provider', 'party').record;

function change(of: Partial<ClientChange> = {}): ClientChange {
  const projection = BundleProjection.ofParty('initiator');
  for (const event of [requested(1), recorded(2), ended(3, endRecord({ index: 0 }))]) projection.apply(event);
  return {
    nodeId: 'initiator',
    checkpoint: { channel: 'mychannel', chaincode: 'eko', blockNumber: 12_345_678_901_234n, txId: txId(3) },
    bundles: projection.all().map((view) => ({ view, owed: [0] })),
    forget: [],
    nodes: [NODE],
    ...of,
  };
}

/** A store that counts its batches. */
class CountingStore extends MemoryStore {
  readonly batches: (readonly StoreOperation[])[] = [];

  override async batch(operations: readonly StoreOperation[]): Promise<void> {
    await super.batch(operations);
    this.batches.push(operations);
  }
}

describe('the store of a party', () => {
  let store: CountingStore;
  let history: EventHistory;
  const opened = async (kept?: number) => {
    history = new EventHistory(kept);
    const party = new PartyStore(store, history);
    return { party, stored: await party.load() };
  };
  const fed = (): readonly string[] => history.since(0).map(({ event }) => event.id.split('/')[0] ?? '');
  beforeEach(() => {
    store = new CountingStore();
  });

  it('answers what was saved, and nothing before', async () => {
    const { party, stored } = await opened();
    expect(stored).toBeUndefined();
    const { nodeId, checkpoint, bundles, nodes } = change();
    await party.save(change());
    expect((await opened()).stored).toEqual({ nodeId, checkpoint, bundles, nodes });
  });

  it('writes bundles, nodes, feed and checkpoint in one batch', async () => {
    const { party } = await opened();
    history.add(ended(3, endRecord()));
    await party.save(change());
    expect(store.batches).toHaveLength(1);
    const kinds = store.batches[0]?.map(({ key }) => key.slice(0, key.indexOf('/')));
    expect(kinds?.sort()).toEqual(['bundle', 'feed', 'ledger', 'node']);
  });

  it('forgets bundles, and what is no longer owed', async () => {
    const { party } = await opened();
    await party.save(change());
    const [remembered] = change().bundles;
    if (remembered === undefined) throw new RangeError('no bundle');
    await party.save(change({ bundles: [{ view: remembered.view }] }));
    expect((await opened()).stored?.bundles).toEqual([{ view: remembered.view }]);
    await party.save(change({ bundles: [], forget: [BUNDLE_ID] }));
    expect((await opened()).stored?.bundles).toEqual([]);
  });

  it('keeps what the feed keeps, and no more, over restarts', async () => {
    const size = JSON.stringify(ended(1, endRecord()).payload).length;
    let { party } = await opened(3 * size);
    const add = async (...blocks: readonly number[]): Promise<void> => {
      for (const block of blocks) history.add(ended(block, endRecord()));
      await party.save(change());
    };
    await add(1, 2);
    await add(3, 4);
    expect(fed()).toEqual(['2', '3', '4']);
    ({ party } = await opened(3 * size));
    expect(fed()).toEqual(['2', '3', '4']);
    await add(5, 6, 7, 8);
    ({ party } = await opened(3 * size));
    expect(fed()).toEqual(['6', '7', '8']);
    const keys: string[] = [];
    for await (const { key } of store.list({ prefix: 'feed/' })) keys.push(key);
    expect(keys).toHaveLength(3);
  });

  it('changes nothing when it is full, and writes all of it later', async () => {
    const { party } = await opened();
    history.add(ended(3, endRecord()));
    store.isFull = true;
    await expect(party.save(change())).rejects.toMatchObject({ code: 'STORE_FULL' });
    expect((await opened()).stored).toBeUndefined();
    store.isFull = false;
    history.add(ended(3, endRecord()));
    const next = new PartyStore(store, history);
    await next.save(change());
    expect((await opened()).stored).toMatchObject({ nodeId: 'initiator' });
    expect(fed()).toEqual(['3']);
  });

  it.each(['ledger/checkpoint', `bundle/${BUNDLE_ID}`, 'node/provider', `feed/${'0'.repeat(16)}`])(
    'refuses to start when %s is damaged, and says what to remove',
    async (key) => {
      const { party } = await opened();
      history.add(ended(3, endRecord()));
      await party.save(change());
      const value = await store.get(key);
      if (value === undefined) throw new RangeError(key);
      const place = value.length - 3;
      value[place] = (value[place] ?? 0) ^ 1;
      await store.batch([{ kind: 'put', key, value }]);
      await expect(opened()).rejects.toMatchObject({
        code: 'CORRUPT_RECORD',
        message: expect.stringContaining('remove the folder `store`') as string,
        details: { key },
      });
    },
  );
});
