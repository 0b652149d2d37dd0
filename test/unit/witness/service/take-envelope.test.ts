import type { EnvelopeDelivery } from '@eko/protocol/rest';
import { nodeNamesOf } from '../../../../network/witness/src/service/share-store';
import { dealingId, endRecord } from '../../../support/data/ledger-facts';
import { newGate } from '../../../support/gate';
import { rejectionOf } from '../../../support/coded-error';
import { nextTurn } from '../../../support/simulated/process-life';
import { WitnessHarness } from '../../../support/simulated/witness-harness';

/** Longer than a dealing may wait for the ledger, and shorter than the bundle lives. */
const LONG_AFTER_MS = 130_000;

/** The names of what the witness says that it holds. */
const namesHeld = (harness: WitnessHarness): readonly string[] =>
  harness.state.held.flatMap((dealing) => nodeNamesOf(harness.sample.bundle.bundleId, dealing));

/** Whatever waits for nothing is over after so many turns. */
async function letRun(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await nextTurn();
}

describe('two envelopes for one place', () => {
  it('come one after the other: the first is kept, the other refused and an alarm', async () => {
    const harness = await WitnessHarness.open();
    const one = harness.delivery(await harness.deal(dealingId('d')));
    const other = harness.delivery(await harness.deal(dealingId('d')));
    const disk = newGate();
    harness.shares.onPut = () => disk.wait;
    const taken = harness.take(one);
    const refused = rejectionOf(harness.take(other));
    await letRun();
    disk.open();
    const { envelopeHash } = await taken;
    expect((await refused).code).toBe('ENVELOPE_CONFLICT');
    expect(harness.state.held.map((dealing) => dealing.envelopeHash)).toEqual([envelopeHash]);
    expect(namesHeld(harness)).not.toEqual([]);
    expect(harness.shares.names).toEqual(namesHeld(harness));
    expect(harness.said).toEqual(['conflicted dealer']);
    expect(harness.turns.size).toBe(0);
  });

  it('never lie under the same names, whenever the process is killed', async () => {
    const harness = await WitnessHarness.open();
    await harness.take(harness.delivery(await harness.deal(dealingId('d'))));
    const [before] = harness.state.held;
    const write = harness.store.batch.bind(harness.store);
    harness.store.batch = () => new Promise(() => undefined);
    harness.nowUnixMs += LONG_AFTER_MS;
    void harness.shell.tick();
    void harness.take(harness.delivery(await harness.deal(dealingId('d'))));
    await letRun();
    expect(harness.state.held).toHaveLength(1);
    expect(harness.state.held).not.toEqual([before]);
    harness.store.batch = write;
    await harness.restart();
    expect(harness.state.held).toEqual([before]);
    expect(harness.shares.names).toEqual([]);
  });
});

describe('a dealing that is dropped and delivered again', () => {
  it('is stored once the shares of before are destroyed, and not with them', async () => {
    const harness = await WitnessHarness.open();
    const delivery = harness.delivery(await harness.deal());
    await harness.take(delivery);
    const disk = newGate();
    harness.shares.onShred = () => disk.wait;
    harness.nowUnixMs += LONG_AFTER_MS;
    const dropped = harness.shell.tick();
    const again = harness.take(delivery);
    await letRun();
    disk.open();
    await Promise.all([again, dropped]);
    expect(namesHeld(harness)).not.toEqual([]);
    expect(harness.shares.names).toEqual(namesHeld(harness));
  });

  it('is stored after the delivery that abandoned it, whose shares it would be taken for', async () => {
    const harness = await WitnessHarness.open();
    const first = await harness.deal();
    await harness.take(harness.delivery(first));
    const disk = newGate();
    harness.shares.onShred = () => disk.wait;
    const abandoned = harness.take(harness.delivery(await harness.deal(), [harness.abandonment(first)]));
    await letRun();
    const seen = harness.see({ name: 'DealingsRecorded', payload: { record: harness.recordOf(first) } });
    await letRun();
    const again = harness.take(harness.delivery(first));
    await letRun();
    disk.open();
    await Promise.all([abandoned, seen, again]);
    expect(namesHeld(harness)).not.toEqual([]);
    expect(harness.shares.names).toEqual(namesHeld(harness));
  });
});

describe('what gives the share of a stream that is over', () => {
  const endOfFirst = { name: 'StreamsEnded' as const, payload: { ends: [endRecord({ index: 0 })] } };
  const nodesOnDisk = (harness: WitnessHarness): readonly (string | undefined)[] =>
    harness.shares.names.map((name) => name.split('/').at(-1));

  it('is not stored: of three streams, of which the first is over, a leaf and the node above the last', async () => {
    const harness = await WitnessHarness.open();
    const stored: string[] = [];
    harness.shares.onPut = (shares) => {
      stored.push(...shares.map(({ id }) => id));
      return Promise.resolve();
    };
    await harness.see(endOfFirst);
    await harness.take(harness.delivery(await harness.deal()));
    expect(stored).toEqual(namesHeld(harness));
    expect(nodesOnDisk(harness)).toEqual(['2.1', '1.1']);
  });

  it('is destroyed before the acknowledgement when the end comes while they are written', async () => {
    const harness = await WitnessHarness.open();
    const disk = newGate();
    harness.shares.onPut = () => disk.wait;
    const taken = harness.take(harness.delivery(await harness.deal()));
    await letRun();
    await harness.see(endOfFirst);
    disk.open();
    await taken;
    expect(nodesOnDisk(harness)).toEqual(['2.1', '1.1']);
    expect(harness.shares.names).toEqual(namesHeld(harness));
    expect(harness.state.toDestroy).toEqual([]);
    expect(harness.state.unattested).toEqual([0]);
  });
});

describe('an envelope that does not hold', () => {
  it.each<[string, string, (harness: WitnessHarness) => Promise<EnvelopeDelivery>]>([
    [
      'comes with the sheet of another dealing',
      'ENVELOPE_MISMATCH',
      async (harness) => {
        const { sheet } = harness.delivery(await harness.deal());
        return { ...harness.delivery(await harness.deal()), sheet };
      },
    ],
    [
      'has a share off its commitment',
      'BAD_SHARE',
      async (harness) => harness.delivery(await harness.dealWrongShare()),
    ],
  ])('because it %s is refused, and nothing of it stored', async (_, code, wrong) => {
    const harness = await WitnessHarness.open();
    let stored = 0;
    harness.shares.onPut = () => {
      stored += 1;
      return Promise.resolve();
    };
    expect((await rejectionOf(harness.take(await wrong(harness)))).code).toBe(code);
    expect([stored, harness.shares.names, harness.state.held]).toEqual([0, [], []]);
  });
});
