import { TRANSACTIONS, type EndRecord } from '@eko/protocol/ledger';
import { endRecord } from '../../../support/data/ledger-facts';
import { newGate } from '../../../support/gate';
import { nextTurn } from '../../../support/simulated/process-life';
import { WitnessHarness } from '../../../support/simulated/witness-harness';

const diskFails = (): Promise<void> => Promise.reject(new Error('the disk fails'));

/** A witness that holds shares of a recorded dealing. */
async function withShares(): Promise<WitnessHarness> {
  const harness = await WitnessHarness.open();
  const dealt = await harness.deal();
  await harness.take(harness.delivery(dealt));
  await harness.see({ name: 'DealingsRecorded', payload: { record: harness.recordOf(dealt) } });
  return harness;
}

const end = (harness: WitnessHarness, change: Partial<EndRecord> = {}): Promise<void> =>
  harness.see({ name: 'StreamsEnded', payload: { ends: [endRecord(change)] } });

/** How often the witness asked the ledger to record that it had destroyed something. */
async function attestationsOf(harness: WitnessHarness): Promise<number> {
  await harness.shell.attest();
  await nextTurn();
  return harness.ledger.calls.filter(({ name }) => name === TRANSACTIONS.attestDestruction).length;
}

describe('a destruction', () => {
  it('is not attested before it has happened', async () => {
    const harness = await withShares();
    const disk = newGate();
    harness.shares.onShred = () => disk.wait;
    const ended = end(harness);
    await nextTurn();
    expect(harness.state.ended).toBe('all');
    expect(await attestationsOf(harness)).toBe(0);
    disk.open();
    await ended;
    expect(harness.shares.names).toEqual([]);
    expect(await attestationsOf(harness)).toBeGreaterThan(0);
  });

  it('that failed is done again with the next tick, and attested only then', async () => {
    const harness = await withShares();
    harness.shares.onShred = diskFails;
    await end(harness);
    await harness.shell.tick();
    expect(harness.said).toEqual(['undestroyed', 'undestroyed']);
    expect(await attestationsOf(harness)).toBe(0);
    harness.shares.onShred = () => Promise.resolve();
    await harness.shell.tick();
    expect(harness.shares.names).toEqual([]);
    expect(await attestationsOf(harness)).toBeGreaterThan(0);
    expect(harness.state.toDestroy).toEqual([]);
  });

  it('that failed is done by the next start, and attested after it', async () => {
    const harness = await withShares();
    harness.shares.onShred = diskFails;
    await end(harness);
    await harness.restart();
    expect(harness.shares.names).toEqual([]);
    expect(await attestationsOf(harness)).toBe(1);
  });

  it('of what was dropped is done again too, but spares what was delivered again', async () => {
    const harness = await WitnessHarness.open();
    const deliveries = [
      harness.delivery(await harness.deal()),
      harness.delivery(await harness.deal()),
    ] as const;
    for (const delivery of deliveries) await harness.take(delivery);
    harness.shares.onShred = diskFails;
    harness.nowUnixMs += 130_000;
    await harness.shell.tick();
    expect(harness.state.held).toEqual([]);
    expect(harness.said).toEqual(['undestroyed', 'undestroyed']);
    harness.shares.onShred = () => Promise.resolve();
    await harness.take(deliveries[1]);
    harness.nowUnixMs -= 130_000;
    await harness.shell.tick();
    const ids = new Set(harness.shares.names.map((name) => name.split('/')[3]));
    expect([...ids]).toEqual([deliveries[1].dealing.dealingId]);
  });

  it('of what a dealer gave up that failed is done again, and nothing of a later end attested before', async () => {
    const harness = await WitnessHarness.open();
    const first = await harness.deal();
    await harness.take(harness.delivery(first));
    const second = await harness.deal();
    const delivery = harness.delivery(second, [harness.abandonment(first)]);
    harness.shares.onShred = diskFails;
    await expect(harness.take(delivery)).rejects.toThrow();
    await harness.take(delivery);
    await end(harness);
    expect(await attestationsOf(harness)).toBe(0);
    harness.shares.onShred = () => Promise.resolve();
    await harness.shell.tick();
    expect(harness.shares.names).toEqual([]);
    expect(await attestationsOf(harness)).toBeGreaterThan(0);
  });

  it('reaches nodes whose writing failed part way when the bundle then ends', async () => {
    const harness = await withShares();
    const { shares } = harness;
    const put = shares.put.bind(shares);
    shares.put = async (nodes) => {
      await put(nodes);
      throw new Error('disk');
    };
    await harness.see({ name: 'StreamsEnded', payload: { ends: [endRecord({ index: 1 })] } });
    shares.put = put;
    await end(harness);
    expect(shares.names).toEqual([]);
    expect(await attestationsOf(harness)).toBeGreaterThan(0);
  });
});
