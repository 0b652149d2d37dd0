import type { EnvelopeDelivery } from '@eko/protocol/rest';
import { shareNamesOf } from '../../../network/witness/src/service/share-store';
import { dealingId, endRecord } from '../../support/ledger/ledger-facts';
import { newGate } from '../../support/node-kit/gate';
import { rejectionOf } from '../../support/node-kit/rejection';
import { nextTurn } from '../../support/orchestrator/process-life';
import { TakingWorld } from '../../support/witness/taking-world';

/** Longer than a dealing may wait for the ledger, and shorter than the bundle lives. */
const LONG_AFTER_MS = 130_000;

/** The names of what the witness says that it holds. */
const namesHeld = (world: TakingWorld): readonly string[] =>
  world.state.held.flatMap((dealing) => shareNamesOf(world.sample.bundle.bundleId, dealing));

/** Whatever waits for nothing is over after so many turns. */
async function letRun(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await nextTurn();
}

describe('two envelopes for one place', () => {
  it('come one after the other: the first is kept, the other refused and an alarm', async () => {
    const world = await TakingWorld.open();
    const one = world.delivery(await world.deal(dealingId('d')));
    const other = world.delivery(await world.deal(dealingId('d')));
    const disk = newGate();
    world.shares.onPut = () => disk.wait;
    const taken = world.take(one);
    const refused = rejectionOf(world.take(other));
    await letRun();
    disk.open();
    const { envelopeHash } = await taken;
    expect((await refused).code).toBe('ENVELOPE_CONFLICT');
    expect(world.state.held.map((dealing) => dealing.envelopeHash)).toEqual([envelopeHash]);
    expect(namesHeld(world)).not.toEqual([]);
    expect(world.shares.names).toEqual(namesHeld(world));
    expect(world.said).toEqual(['conflicted dealer']);
    expect(world.turns.size).toBe(0);
  });

  it('never lie under the same names, whenever the process is killed', async () => {
    const world = await TakingWorld.open();
    await world.take(world.delivery(await world.deal(dealingId('d'))));
    const [before] = world.state.held;
    const write = world.store.batch.bind(world.store);
    world.store.batch = () => new Promise(() => undefined);
    world.nowUnixMs += LONG_AFTER_MS;
    void world.shell.tick();
    void world.take(world.delivery(await world.deal(dealingId('d'))));
    await letRun();
    expect(world.state.held).toHaveLength(1);
    expect(world.state.held).not.toEqual([before]);
    world.store.batch = write;
    await world.restart();
    expect(world.state.held).toEqual([before]);
    expect(world.shares.names).toEqual([]);
  });
});

describe('a dealing that is dropped and delivered again', () => {
  it('is stored once the shares of before are destroyed, and not with them', async () => {
    const world = await TakingWorld.open();
    const delivery = world.delivery(await world.deal());
    await world.take(delivery);
    const disk = newGate();
    world.shares.onShred = () => disk.wait;
    world.nowUnixMs += LONG_AFTER_MS;
    const dropped = world.shell.tick();
    const again = world.take(delivery);
    await letRun();
    disk.open();
    await Promise.all([again, dropped]);
    expect(namesHeld(world)).not.toEqual([]);
    expect(world.shares.names).toEqual(namesHeld(world));
  });

  it('is stored after the delivery that gave it up, whose shares it would be taken for', async () => {
    const world = await TakingWorld.open();
    const first = await world.deal();
    await world.take(world.delivery(first));
    const disk = newGate();
    world.shares.onShred = () => disk.wait;
    const givenUp = world.take(world.delivery(await world.deal(), [world.abandonment(first)]));
    await letRun();
    const seen = world.see({ name: 'DealingsRecorded', payload: { record: world.recordOf(first) } });
    await letRun();
    const again = world.take(world.delivery(first));
    await letRun();
    disk.open();
    await Promise.all([givenUp, seen, again]);
    expect(namesHeld(world)).not.toEqual([]);
    expect(world.shares.names).toEqual(namesHeld(world));
  });
});

describe('shares of a stream that is over', () => {
  const endOfFirst = { name: 'StreamsEnded' as const, payload: { ends: [endRecord({ index: 0 })] } };
  const streamsOnDisk = (world: TakingWorld): readonly (string | undefined)[] =>
    world.shares.names.map((name) => name.split('/').at(-1));

  it('are not stored', async () => {
    const world = await TakingWorld.open();
    const stored: string[] = [];
    world.shares.onPut = (shares) => {
      stored.push(...shares.map(({ id }) => id));
      return Promise.resolve();
    };
    await world.see(endOfFirst);
    await world.take(world.delivery(await world.deal()));
    expect(stored).toEqual(namesHeld(world));
    expect(streamsOnDisk(world)).toEqual(['2']);
  });

  it('are destroyed before the acknowledgement when the end comes while they are written', async () => {
    const world = await TakingWorld.open();
    const disk = newGate();
    world.shares.onPut = () => disk.wait;
    const taken = world.take(world.delivery(await world.deal()));
    await letRun();
    await world.see(endOfFirst);
    disk.open();
    await taken;
    expect(streamsOnDisk(world)).toEqual(['2']);
    expect(world.shares.names).toEqual(namesHeld(world));
    expect(world.state.toDestroy).toEqual([]);
  });
});

describe('an envelope that does not hold', () => {
  it.each<[string, string, (world: TakingWorld) => Promise<EnvelopeDelivery>]>([
    [
      'comes with the sheet of another dealing',
      'ENVELOPE_MISMATCH',
      async (world) => {
        const { sheet } = world.delivery(await world.deal());
        return { ...world.delivery(await world.deal()), sheet };
      },
    ],
    [
      'has a share off its commitment',
      'BAD_SHARE',
      async (world) => world.delivery(await world.dealWrongShare()),
    ],
  ])('because it %s is refused, and nothing of it stored', async (_, code, wrong) => {
    const world = await TakingWorld.open();
    let stored = 0;
    world.shares.onPut = () => {
      stored += 1;
      return Promise.resolve();
    };
    expect((await rejectionOf(world.take(await wrong(world)))).code).toBe(code);
    expect([stored, world.shares.names, world.state.held]).toEqual([0, [], []]);
  });
});
