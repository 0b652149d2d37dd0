import { deriveTreeLeaves, type TreeLeaf } from '@eko/protocol/crypto';
import { TRANSACTIONS, type EndRecord } from '@eko/protocol/ledger';
import type { NewDealing } from '../../../../network/orchestrator/src/core/new-dealing';
import { isDestructionDue, isEnded } from '../../../../network/witness/src/core/witness-state';
import { ShareStore, nodeNamesOf } from '../../../../network/witness/src/service/share-store';
import { endRecord } from '../../../support/data/ledger-facts';
import { nextTurn } from '../../../support/simulated/process-life';
import { WitnessHarness } from '../../../support/simulated/witness-harness';

const STREAMS = 8;

/** Ends of single streams, of two at once, and of all that is left. */
const ENDS: readonly (readonly EndRecord[])[] = [
  [endRecord({ index: 5 })],
  [endRecord({ index: 4 })],
  [endRecord({ index: 0 }), endRecord({ index: 7 })],
  [endRecord()],
];

const hexOf = ({ secret }: TreeLeaf): string => secret.use((bytes) => Buffer.from(bytes).toString('hex'));

/** The leaves that the dealer gave the witness. */
function dealtLeaves(witness: WitnessHarness, dealt: NewDealing): readonly string[] {
  return deriveTreeLeaves([witness.rootOf(dealt)], STREAMS).map(hexOf);
}

/** What can be computed from the nodes that the witness's book names and its slots hold, by stream. */
async function onDisk(harness: WitnessHarness): Promise<ReadonlyMap<number, string>> {
  const store = new ShareStore(harness.shares);
  const { bundleId } = harness.sample.bundle;
  const found = new Map<number, string>();
  for (const dealing of harness.state.held) {
    for (const place of dealing.nodes) {
      const nodes = (await store.get(bundleId, dealing, [place])) ?? [];
      for (const leaf of deriveTreeLeaves(nodes, STREAMS)) found.set(leaf.index, hexOf(leaf));
    }
  }
  return found;
}

const namesHeld = ({ state, sample }: WitnessHarness): readonly string[] =>
  state.held.flatMap((dealing) => nodeNamesOf(sample.bundle.bundleId, dealing));

const see = (harness: WitnessHarness, ends: readonly EndRecord[]): Promise<void> =>
  harness.see({ name: 'StreamsEnded', payload: { ends: [...ends] } });

/** A witness that holds a recorded dealing of eight streams, after some of the ends. */
async function afterEnds(ends: number): Promise<{ harness: WitnessHarness; leaves: readonly string[] }> {
  const harness = await WitnessHarness.open(STREAMS);
  const dealt = await harness.deal();
  await harness.take(harness.delivery(dealt));
  await harness.see({ name: 'DealingsRecorded', payload: { record: harness.recordOf(dealt) } });
  for (const end of ENDS.slice(0, ends)) await see(harness, end);
  return { harness, leaves: dealtLeaves(harness, dealt) };
}

/** Kills the process before the `last`th write from now on: one of a slot, of a destroyed slot, or of the book. */
function killBefore(
  harness: WitnessHarness,
  last: number,
): { readonly isDead: () => boolean; revive(): void } {
  const { shares, store } = harness;
  const put = shares.put.bind(shares);
  const shred = shares.shred.bind(shares);
  const batch = store.batch.bind(store);
  let writes = 0;
  const write = async (apply: () => Promise<void>): Promise<void> => {
    writes += 1;
    if (writes >= last) return new Promise(() => undefined);
    return apply();
  };
  // A set of slots is no step of the disk: each may be the last that reaches it.
  shares.put = async (nodes) => {
    for (const node of nodes) await write(() => put([node]));
  };
  shares.shred = async (ids) => {
    for (const id of ids) await write(() => shred([id]));
  };
  store.batch = (operations) => write(() => batch(operations));
  return {
    isDead: () => writes >= last,
    revive: () => {
      Object.assign(shares, { put, shred });
      Object.assign(store, { batch });
    },
  };
}

/** The leaves of streams that no end up to `ends` names. */
const livingOf = (leaves: readonly string[], ends: number): ReadonlyMap<number, string> => {
  const over = ENDS.slice(0, ends).flat();
  return new Map(
    [...leaves.entries()].filter(
      ([index]) => !over.some((end) => end.index === undefined || end.index === index),
    ),
  );
};

describe('a stream that is cut out of what a witness holds', () => {
  it('leaves exactly the others to be computed, end by end, and nothing at all after the last', async () => {
    const { harness, leaves } = await afterEnds(0);
    expect(await onDisk(harness)).toEqual(livingOf(leaves, 0));
    expect(harness.shares.names).toHaveLength(1);
    for (const [at, end] of ENDS.entries()) {
      await see(harness, end);
      expect(await onDisk(harness)).toEqual(livingOf(leaves, at + 1));
      expect([...harness.shares.names].sort()).toEqual([...namesHeld(harness)].sort());
      expect(isDestructionDue(harness.state)).toBe(false);
    }
    expect(harness.shares.names).toEqual([]);
  });

  it.each(ENDS.map((_, at) => at))(
    'is whole again after a crash at every step of end %d: no living leaf lost, no ended one revived',
    async (at) => {
      let steps = 0;
      for (let last = 1; ; last += 1) {
        const { harness, leaves } = await afterEnds(at);
        const killer = killBefore(harness, last);
        void see(harness, ENDS[at] ?? []).catch(() => undefined);
        for (let turn = 0; turn < 200 && !killer.isDead(); turn += 1) await nextTurn();
        if (!killer.isDead()) break;
        steps += 1;
        killer.revive();
        await harness.restart();
        const found = await onDisk(harness);
        // What lives is there, as it was dealt; what the book has as ended is gone, and nothing lies beside it.
        for (const [index, leaf] of livingOf(leaves, at + 1)) expect(found.get(index)).toBe(leaf);
        for (const index of leaves.keys())
          if (isEnded(harness.state, index)) expect(found.has(index)).toBe(false);
        expect(namesHeld(harness)).toEqual(expect.arrayContaining([...harness.shares.names]));
        // The ledger says it again.
        await see(harness, ENDS[at] ?? []);
        expect(await onDisk(harness)).toEqual(livingOf(leaves, at + 1));
        expect([...harness.shares.names].sort()).toEqual([...namesHeld(harness)].sort());
      }
      expect(steps).toBeGreaterThanOrEqual(3);
    },
  );

  it('is attested only once the old node is overwritten, however often that fails', async () => {
    const { harness } = await afterEnds(0);
    const attested = async (): Promise<number> => {
      await harness.shell.attest();
      await nextTurn();
      return harness.ledger.calls.filter(({ name }) => name === TRANSACTIONS.attestDestruction).length;
    };
    const shred = harness.shares.onShred;
    harness.shares.onShred = () => Promise.reject(new Error('the disk fails'));
    await see(harness, [endRecord({ index: 5 })]);
    await harness.shell.tick();
    expect(harness.said).toEqual(['undestroyed', 'undestroyed']);
    expect(await attested()).toBe(0);
    harness.shares.onShred = shred;
    await harness.shell.tick();
    expect(await attested()).toBe(1);
    expect([...harness.shares.names].sort()).toEqual([...namesHeld(harness)].sort());
  });

  it('is cut out by the next start where the book has it as ended and the disk failed', async () => {
    const { harness, leaves } = await afterEnds(0);
    const put = harness.shares.onPut;
    harness.shares.onPut = () => Promise.reject(new Error('the disk fails'));
    await see(harness, [endRecord({ index: 5 })]);
    expect(await onDisk(harness)).toEqual(livingOf(leaves, 0));
    harness.shares.onPut = put;
    await harness.restart();
    expect(harness.state.ended).toEqual([5]);
    expect(await onDisk(harness)).toEqual(livingOf(leaves, 1));
    expect([...harness.shares.names].sort()).toEqual([...namesHeld(harness)].sort());
  });

  it('takes nothing with it of a dealing that is dropped meanwhile, and leaves nothing of that behind', async () => {
    const harness = await WitnessHarness.open(STREAMS);
    const [first, second] = [await harness.deal(), await harness.deal()];
    await harness.take(harness.delivery(first));
    await harness.take(harness.delivery(second));
    let release: () => void = () => undefined;
    const stalled = new Promise<void>((resolve) => (release = resolve));
    let puts = 0;
    harness.shares.onPut = () => ((puts += 1) === 1 ? stalled : Promise.resolve());
    const cut = see(harness, [endRecord({ index: 5 })]);
    while (puts === 0) await nextTurn();
    // While the nodes of the first are written, the second is recorded, and the first dropped.
    const seen = harness.see({ name: 'DealingsRecorded', payload: { record: harness.recordOf(second) } });
    for (let turn = 0; turn < 20; turn += 1) await nextTurn();
    release();
    await Promise.all([cut, seen]);
    await harness.shell.tick();
    expect(harness.state.held.map(({ dealingId }) => dealingId)).toEqual([second.dealing.dealingId]);
    expect([...(await onDisk(harness)).keys()]).toEqual([0, 1, 2, 3, 4, 6, 7]);
    expect([...harness.shares.names].sort()).toEqual([...namesHeld(harness)].sort());
  });
});
