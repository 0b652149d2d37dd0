import { EkoError, type StreamRequest } from '@eko/protocol';
import { EVENTS, TRANSACTIONS, type LedgerPosition } from '@eko/protocol/ledger';
import type { EkoClient } from '@eko/sdk';
import { INITIATOR, PROVIDER } from '../../support/simulated/simulated-dealing';
import { MemoryClientStore } from '../../support/simulated/memory-client-store';
import { ClientHarness } from '../../support/simulated/client-harness';

const REQUEST: StreamRequest = { dataType: 'file', permissions: ['read'] };

describe('a client with a store', () => {
  let harness: ClientHarness;
  let store: MemoryClientStore;
  let client: EkoClient;
  /** Where each subscription began, and how many events each client was given. */
  let began: (LedgerPosition | undefined)[];
  let given: number;

  const connect = async (from: MemoryClientStore, nodeId = INITIATOR): Promise<EkoClient> => {
    given = 0;
    store = from;
    client = await harness.connect(nodeId, { store, observer: { onEvent: () => (given += 1) } });
    return client;
  };
  /** Ends the client without a last write, as `kill -9` does, and starts one on what the store had by then. */
  const restart = async (): Promise<EkoClient> => {
    const left = store.copy();
    await client.close();
    return connect(left);
  };
  const untilStored = (bundleId: string, state: 'active' | 'ended'): Promise<void> =>
    store.until(() => {
      const view = store.bundle(bundleId)?.view;
      return state === 'active' ? view?.dealings.length === 1 : (view?.ends.length ?? 0) > 0;
    });

  beforeEach(async () => {
    harness = new ClientHarness();
    began = [];
    const events = harness.ledger.events.bind(harness.ledger);
    harness.ledger.events = (options) => {
      began.push(options.after);
      return events(options);
    };
    await connect(new MemoryClientStore());
  });
  afterEach(() => client.close());

  it('reads everything at first and new events alone after a restart, with the same streams', async () => {
    const stream = await client.requestStream(harness.policy, REQUEST);
    await stream.whenActive();
    await untilStored(stream.bundleId, 'active');
    const before = client.bundles.get(stream.bundleId);
    await client.close();
    const last = harness.ledger.log.at(-1);
    await connect(store);
    expect(began.map((after) => after?.blockNumber)).toEqual([undefined, last?.blockNumber]);
    expect(given).toBe(1);
    expect(client.bundles.get(stream.bundleId)).toEqual(before);
    expect(client.stream(stream.id).state).toBe('active');
  });

  it('rebuilds the key of a stream that it remembers', async () => {
    const stream = await client.requestStream(harness.policy, REQUEST);
    await stream.whenActive();
    const hexOf = async (): Promise<string> => {
      using key = await client.stream(stream.id).exportKey('archive', 32);
      return key.use((bytes) => Buffer.from(bytes).toString('hex'));
    };
    const first = await hexOf();
    await untilStored(stream.bundleId, 'active');
    await restart();
    expect(await hexOf()).toBe(first);
  });

  it('takes an end that came while it was away, refuses the key, and attests it once', async () => {
    const stream = await client.requestStream(harness.policy, REQUEST);
    await stream.whenActive();
    await untilStored(stream.bundleId, 'active');
    await client.close();
    await harness.ledger.submit(TRANSACTIONS.revokeStream, { bundleId: stream.bundleId, streams: 'all' });
    const attested = harness.nextAttestation();
    await connect(store);
    expect(client.stream(stream.id).state).toBe('ended');
    await expect(client.stream(stream.id).exportKey('archive', 32)).rejects.toMatchObject({
      code: 'STREAM_ENDED',
    });
    await attested;
    await store.until(() => store.bundle(stream.bundleId)?.owed === undefined);
    await client.close();
    await connect(store);
    await client.close();
    expect(harness.attestations).toHaveLength(1);
  });

  it('still owes what it had seen end and had not attested', async () => {
    const stream = await client.requestStream(harness.policy, REQUEST);
    await stream.whenActive();
    const submit = harness.ledger.submit.bind(harness.ledger);
    harness.ledger.submit = (name, argument, limits) =>
      name === TRANSACTIONS.attestDestruction
        ? Promise.reject(new EkoError('LEDGER_UNAVAILABLE', 'not now'))
        : submit(name, argument, limits);
    await stream.revoke();
    await untilStored(stream.bundleId, 'ended');
    expect(store.bundle(stream.bundleId)?.owed).toEqual([0]);
    await client.close();
    harness.ledger.submit = submit;
    const attested = harness.nextAttestation();
    await connect(store);
    await attested;
    expect(harness.attestations[0]?.destructions).toEqual([
      { bundleId: stream.bundleId, epoch: 1, streams: [0] },
    ]);
  });

  it('loses nothing wherever it is killed: the restart reads what the last write had not', async () => {
    const stream = await client.requestStream(harness.policy, REQUEST);
    await stream.whenActive();
    await stream.complete();
    const whole = client.bundles.get(stream.bundleId);
    await client.close();
    // The store as it was after each of its writes.
    const { saves } = store;
    for (let count = 0; count <= saves.length; count += 1) {
      const left = new MemoryClientStore();
      for (const change of saves.slice(0, count)) await left.save(change);
      await connect(left);
      expect(client.bundles.get(stream.bundleId)).toEqual(whole);
      await client.close();
    }
    expect(saves.length).toBeGreaterThan(1);
  });

  it('goes on without its store while that fails, and writes everything once it does not', async () => {
    const troubles: string[] = [];
    await client.close();
    store = new MemoryClientStore();
    client = await harness.connect(INITIATOR, {
      store,
      observer: { onTrouble: ({ code }, what) => troubles.push(`${code} ${what}`) },
    });
    await store.until(() => store.saves.length > 0);
    store.failures = [new EkoError('STORE_FULL', 'full')];
    const stream = await client.requestStream(harness.policy, REQUEST);
    await stream.whenActive();
    await stream.complete();
    await store.until(() => (store.bundle(stream.bundleId)?.view.ends.length ?? 0) > 0);
    expect(troubles).toContain('STORE_FULL Remembering the ledger');
    expect(store.bundle(stream.bundleId)?.view.dealings).toHaveLength(1);
  });

  it('has the nodes that it saw, also where the registry is read from a peer that is behind', async () => {
    const early = { nodes: [...harness.nodes.values()].map(({ record }) => record) };
    harness.register('127.0.0.1:7');
    await store.until(() => store.saves.some(({ nodes }) => nodes.length > 0));
    await client.close();
    harness.ledger.handle(TRANSACTIONS.listNodes, () => ({ result: early }));
    await connect(store);
    expect(client.nodes.require(PROVIDER).streamAddress).toBe('127.0.0.1:7');
  });

  it('finds itself among the nodes that it saw, where that peer does not have it yet', async () => {
    for (const { record } of harness.nodes.values())
      harness.ledger.emit({ name: EVENTS.nodeRegistered, payload: { node: record } });
    await store.until(() => store.saves.some(({ nodes }) => nodes.length > 0));
    await client.close();
    harness.ledger.handle(TRANSACTIONS.listNodes, () => ({ result: { nodes: [] } }));
    await connect(store);
    expect(client.nodes.all()).toHaveLength(harness.nodes.size);
  });

  it.each(['channel', 'chaincode'] as const)('refuses the store of another %s', async (field) => {
    await client.close();
    const [change] = store.saves.slice(-1);
    if (change === undefined) throw new RangeError('nothing was saved');
    await store.save({ ...change, checkpoint: { ...change.checkpoint, [field]: 'other' } });
    await expect(connect(store)).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: expect.stringContaining('remove the store') as string,
    });
    expect(harness.ledger.subscriptions).toBe(0);
  });

  it('refuses the store of another party', async () => {
    await client.close();
    await expect(connect(store, PROVIDER)).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: expect.stringContaining('give each party its own') as string,
    });
  });

  it('refuses the store of a ledger that was made anew, instead of waiting for its blocks', async () => {
    await client.close();
    const fresh = new ClientHarness();
    for (let count = 0; count < 5; count += 1)
      harness.ledger.emit({ name: EVENTS.heartbeat, payload: { nodeId: PROVIDER, atUnixMs: count } });
    await connect(store);
    await client.close();
    harness = fresh;
    await expect(connect(store)).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: expect.stringContaining('made anew') as string,
    });
  });

  it('never gives its store a key', async () => {
    const stream = await client.requestStream(harness.policy, REQUEST);
    await stream.whenActive();
    (await stream.exportKey('archive', 32)).dispose();
    await stream.complete();
    await client.close();
    const key = Buffer.from(harness.epochKey(stream.bundleId, 0) ?? '', 'hex');
    expect(key).toHaveLength(32);
    for (const encoding of ['hex', 'base64', 'base64url'] as const)
      expect(store.text).not.toContain(key.toString(encoding).slice(0, 40));
    expect(store.text).toContain(stream.bundleId);
  });
});
