import { TRANSACTIONS } from '@eko/protocol/ledger';
import { endRecord } from '../../support/ledger/ledger-facts';
import { newGate } from '../../support/node-kit/gate';
import { nextTurn } from '../../support/orchestrator/process-life';
import { TakingWorld } from '../../support/witness/taking-world';

const OTHER = '00000000-0000-4000-8000-000000000001';

/** A witness whose time for two bundles is over by its own clock; of the first it holds shares, of the second none. */
async function withTwoExpired(): Promise<TakingWorld> {
  const world = await TakingWorld.open();
  const { bundle } = world.state;
  // Consented to so late that it could still be dealt.
  const assignment = { ...world.state.assignment, atUnixMs: bundle.notAfterUnixMs };
  world.book.set(bundle.bundleId, { ...world.state, assignment });
  world.book.set(OTHER, { ...world.state, bundle: { ...bundle, bundleId: OTHER } });
  await world.take(world.delivery(await world.deal()));
  world.nowUnixMs = bundle.notAfterUnixMs;
  return world;
}

describe('a tick of a witness', () => {
  it('destroys on time without the ledger, which is told apart from it', async () => {
    const world = await withTwoExpired();
    await world.shell.tick();
    expect([world.shares.names, world.ledger.calls]).toEqual([[], []]);
    world.book.set(OTHER, { ...world.state, endedOnLedger: 'all', unattested: 'all' });
    await world.shell.tick();
    expect(world.ledger.calls).toEqual([]);
    await world.shell.settle();
    expect(world.ledger.calls.map(({ name }) => name)).toEqual([TRANSACTIONS.attestDestruction]);
  });

  it('loses nothing that the ledger says of one bundle while it destroys the shares of another', async () => {
    const world = await withTwoExpired();
    const disk = newGate();
    world.shares.onShred = () => disk.wait;
    const tick = world.shell.tick();
    await nextTurn();
    await world.see({ name: 'StreamsEnded', payload: { ends: [endRecord({ bundleId: OTHER, index: 1 })] } });
    disk.open();
    await tick;
    expect(world.book.get(OTHER)).toMatchObject({ ended: 'all', endedOnLedger: [1] });
  });
});
