import { EVENTS, type LedgerEvent } from '@eko/protocol/ledger';
import { BundleProjection } from '../../../../client-sdk/sdk/src/bundles/bundle-projection';
import type { ClientContext } from '../../../../client-sdk/sdk/src/client/client-context';
import { LedgerMemory } from '../../../../client-sdk/sdk/src/client/ledger-memory';
import {
  attestationRecord,
  BUNDLE_ID,
  assignmentRecord,
  at,
  bundleRecord,
  endRecord,
  ended,
  requested,
} from '../../../support/data/ledger-facts';
import { MemoryClientStore } from '../../../support/simulated/memory-client-store';

const OTHER_ID = `${BUNDLE_ID.slice(0, -1)}f`;
const requestedOther = at(3, {
  name: EVENTS.streamsRequested,
  payload: { bundle: bundleRecord({ bundleId: OTHER_ID }), assignment: assignmentRecord() },
});

describe("a client's memory of the ledger", () => {
  let store: MemoryClientStore;
  let bundles: BundleProjection;
  let memory: LedgerMemory;
  let owed: Set<string>;
  const take = (...events: readonly LedgerEvent[]): void => {
    for (const event of events) {
      bundles.apply(event);
      const place = { blockNumber: event.blockNumber, txId: event.txId };
      memory.note(event, { channel: 'mychannel', chaincode: 'eko', ...place });
    }
  };
  let close: () => Promise<void>;
  let onTrouble: () => void;
  beforeEach(() => {
    store = new MemoryClientStore();
    onTrouble = () => undefined;
    owed = new Set();
    bundles = new BundleProjection({ concerns: () => true, endedKept: { bundles: 1 } });
    const closing = new AbortController();
    const observer = {
      onTrouble: () => {
        onTrouble();
      },
    };
    const context = { keys: { nodeId: 'initiator' }, bundles, observer, closing: closing.signal };
    memory = new LedgerMemory(context as unknown as ClientContext, store, undefined, (bundleId) =>
      owed.has(bundleId) ? 'all' : undefined,
    );
    close = async () => {
      closing.abort();
      await memory.close();
    };
  });
  afterEach(() => close());

  it('never writes a checkpoint without what came up to it', async () => {
    let open: () => void = () => undefined;
    store.gate = new Promise((resolve) => (open = resolve));
    take(requested(1));
    // The first write is under way: what comes now waits for the next.
    take(requestedOther, ended(4, endRecord()));
    open();
    await store.until(() => store.saves.length === 2);
    expect(
      store.saves.map(({ checkpoint, bundles: saved }) => [
        checkpoint.blockNumber,
        saved.map(({ view }) => [view.bundle.bundleId, view.ends.length]),
      ]),
    ).toEqual([
      [1n, [[BUNDLE_ID, 0]]],
      [
        4n,
        [
          [OTHER_ID, 0],
          [BUNDLE_ID, 1],
        ],
      ],
    ]);
  });

  it('writes with the next checkpoint what a failed write held', async () => {
    const failed = new Promise<void>((resolve) => (onTrouble = resolve));
    store.failures = [new Error('no space')];
    take(requested(1));
    await failed;
    take(requestedOther);
    await close();
    expect(store.saves.at(-1)?.checkpoint.blockNumber).toBe(3n);
    expect([store.bundle(BUNDLE_ID), store.bundle(OTHER_ID)]).not.toContain(undefined);
  });

  it('has the store forget what the client forgets, but not what is owed', async () => {
    take(requested(1));
    await store.until(() => store.bundle(BUNDLE_ID) !== undefined);
    owed.add(BUNDLE_ID);
    take(ended(2, endRecord()));
    await store.until(() => store.bundle(BUNDLE_ID)?.owed === 'all');
    take(requestedOther, ended(4, endRecord({ bundleId: OTHER_ID })));
    await store.until(() => store.bundle(OTHER_ID) !== undefined);
    expect(bundles.get(BUNDLE_ID)).toBeUndefined();
    expect(store.bundle(BUNDLE_ID)?.owed).toBe('all');
    owed.clear();
    take(attested(5));
    await store.until(() => store.bundle(BUNDLE_ID) === undefined);
    expect(store.bundle(OTHER_ID)).toBeDefined();
  });
});

function attested(block: number): LedgerEvent {
  const destructions = [{ bundleId: BUNDLE_ID, epoch: 1, streams: 'all' as const }];
  const record = attestationRecord('initiator', destructions, block);
  return at(block, { name: EVENTS.destructionAttested, payload: { record } });
}
