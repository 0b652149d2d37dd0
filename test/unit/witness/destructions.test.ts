import { TRANSACTIONS, type EndRecord } from '@eko/protocol/ledger';
import { endRecord } from '../../support/ledger/ledger-facts';
import { newGate } from '../../support/node-kit/gate';
import { nextTurn } from '../../support/orchestrator/process-life';
import { TakingWorld } from '../../support/witness/taking-world';

const diskFails = (): Promise<void> => Promise.reject(new Error('the disk fails'));

/** A witness that holds shares of a recorded dealing. */
async function withShares(): Promise<TakingWorld> {
  const world = await TakingWorld.open();
  const dealt = await world.deal();
  await world.take(world.delivery(dealt));
  await world.see({ name: 'DealingsRecorded', payload: { record: world.recordOf(dealt) } });
  return world;
}

const end = (world: TakingWorld, change: Partial<EndRecord> = {}): Promise<void> =>
  world.see({ name: 'StreamsEnded', payload: { ends: [endRecord(change)] } });

/** How often the witness asked the ledger to record that it had destroyed something. */
async function attestationsOf(world: TakingWorld): Promise<number> {
  await world.shell.attest();
  await nextTurn();
  return world.ledger.calls.filter(({ name }) => name === TRANSACTIONS.attestDestruction).length;
}

describe('a destruction', () => {
  it('is not attested before it has happened', async () => {
    const world = await withShares();
    const disk = newGate();
    world.shares.onShred = () => disk.wait;
    const ended = end(world);
    await nextTurn();
    expect(world.state.ended).toBe('all');
    expect(await attestationsOf(world)).toBe(0);
    disk.open();
    await ended;
    expect(world.shares.names).toEqual([]);
    expect(await attestationsOf(world)).toBeGreaterThan(0);
  });

  it('that failed is done again with the next tick, and attested only then', async () => {
    const world = await withShares();
    world.shares.onShred = diskFails;
    await end(world);
    await world.shell.tick();
    expect(world.said).toEqual(['undestroyed', 'undestroyed']);
    expect(await attestationsOf(world)).toBe(0);
    world.shares.onShred = () => Promise.resolve();
    await world.shell.tick();
    expect(world.shares.names).toEqual([]);
    expect(await attestationsOf(world)).toBeGreaterThan(0);
    expect(world.state.toDestroy).toEqual([]);
  });

  it('that failed is done by the next start, and attested after it', async () => {
    const world = await withShares();
    world.shares.onShred = diskFails;
    await end(world);
    await world.restart();
    expect(world.shares.names).toEqual([]);
    expect(await attestationsOf(world)).toBe(1);
  });

  it('of what was dropped is done again too, but spares what was delivered again', async () => {
    const world = await TakingWorld.open();
    const deliveries = [world.delivery(await world.deal()), world.delivery(await world.deal())] as const;
    for (const delivery of deliveries) await world.take(delivery);
    world.shares.onShred = diskFails;
    world.nowUnixMs += 130_000;
    await world.shell.tick();
    expect(world.state.held).toEqual([]);
    expect(world.said).toEqual(['undestroyed', 'undestroyed']);
    world.shares.onShred = () => Promise.resolve();
    await world.take(deliveries[1]);
    world.nowUnixMs -= 130_000;
    await world.shell.tick();
    const ids = new Set(world.shares.names.map((name) => name.split('/')[3]));
    expect([...ids]).toEqual([deliveries[1].dealing.dealingId]);
  });
});
