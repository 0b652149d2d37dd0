import { TRANSACTIONS } from '@eko/protocol/ledger';
import { endRecord } from '../../../support/data/ledger-facts';
import { newGate } from '../../../support/gate';
import { nextTurn } from '../../../support/simulated/process-life';
import { WitnessHarness } from '../../../support/simulated/witness-harness';

const OTHER = '00000000-0000-4000-8000-000000000001';

/** A witness whose time for two bundles is over by its own clock; of the first it holds shares, of the second none. */
async function withTwoExpired(): Promise<WitnessHarness> {
  const harness = await WitnessHarness.open();
  const { bundle } = harness.state;
  // Consented to so late that it could still be dealt.
  const assignment = { ...harness.state.assignment, atUnixMs: bundle.notAfterUnixMs };
  harness.book.set(bundle.bundleId, { ...harness.state, assignment });
  harness.book.set(OTHER, { ...harness.state, bundle: { ...bundle, bundleId: OTHER } });
  await harness.take(harness.delivery(await harness.deal()));
  harness.nowUnixMs = bundle.notAfterUnixMs;
  return harness;
}

describe('a tick of a witness', () => {
  it('destroys on time without the ledger, which is told apart from it', async () => {
    const harness = await withTwoExpired();
    await harness.shell.tick();
    expect([harness.shares.names, harness.ledger.calls]).toEqual([[], []]);
    harness.book.set(OTHER, { ...harness.state, endedOnLedger: 'all', unattested: 'all' });
    await harness.shell.tick();
    expect(harness.ledger.calls).toEqual([]);
    await harness.shell.settle();
    expect(harness.ledger.calls.map(({ name }) => name)).toEqual([TRANSACTIONS.attestDestruction]);
  });

  it('loses nothing that the ledger says of one bundle while it destroys the shares of another', async () => {
    const harness = await withTwoExpired();
    const disk = newGate();
    harness.shares.onShred = () => disk.wait;
    const tick = harness.shell.tick();
    await nextTurn();
    await harness.see({
      name: 'StreamsEnded',
      payload: { ends: [endRecord({ bundleId: OTHER, index: 1 })] },
    });
    disk.open();
    await tick;
    expect(harness.book.get(OTHER)).toMatchObject({ ended: 'all', endedOnLedger: [1] });
  });
});
