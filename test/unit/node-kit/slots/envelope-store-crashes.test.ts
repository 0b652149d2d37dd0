import { EnvelopeStore } from '../../../../network/node-kit/src/slots/envelope-store';
import { type SlotFile } from '../../../../network/node-kit/src/slots/slot-file';
import { SecretBytes } from '@eko/protocol';
import { Crash, CrashingFile, CrashingStore, Machine } from './crashing-machine';
import type { FakeSlotFile } from '../../../support/simulated/fake-slot-file';
import { MemoryStore } from '../../../support/simulated/memory-store';
import { PromisedShares, filledShare } from './promised-shares';
import { seededRandom } from '../../../support/random';

const storeKey = () => new SecretBytes('store key', new Uint8Array(32).fill(1));

/** A life of an envelope store: puts, replacements, growth and shreds, each promise kept track of; ends at the crash. */
async function live(store: MemoryStore, slotFile: SlotFile, promised: PromisedShares): Promise<void> {
  const envelopes = await EnvelopeStore.open({ store, slotFile, storeKey: storeKey(), slots: 2 });
  await promised.put(envelopes, 1, 'a', 'b');
  await promised.put(envelopes, 2, 'c', 'd', 'e');
  await promised.shred(envelopes, 'b', 'd');
  await promised.put(envelopes, 3, 'a', 'b');
  await promised.shred(envelopes, 'a');
  await promised.put(envelopes, 4, 'f', 'g', 'h', 'i');
  await promised.shred(envelopes, 'c', 'f', 'x');
}

async function isKept(store: MemoryStore, slotFile: FakeSlotFile, promised: PromisedShares): Promise<void> {
  const envelopes = await EnvelopeStore.open({ store, slotFile, storeKey: storeKey(), slots: 2 });
  for (const [id, allowed] of promised.entries()) {
    const [found] = await envelopes.get([id]);
    const fill = found?.bytes.use((bytes) => bytes[0]);
    expect([id, fill, allowed.has(fill)]).toEqual([id, fill, true]);
  }
  // It goes on working: nothing is left over that would get in the way.
  await envelopes.put([filledShare('after', 9)]);
  expect((await envelopes.get(['after']))[0]?.bytes.use((bytes) => bytes[0])).toBe(9);
}

describe('an envelope store on a machine that stops', () => {
  it('keeps every promise, wherever it stops and whatever of the unsynchronised bytes is on disk', async () => {
    const whole = new Machine(Infinity, true);
    await live(new CrashingStore(whole), new CrashingFile(whole), new PromisedShares());
    expect(whole.steps).toBeGreaterThan(25);

    for (let crashAt = 1; crashAt <= whole.steps; crashAt += 1) {
      for (const isDoneFirst of [false, true]) {
        for (let seed = 0; seed < 8; seed += 1) {
          const machine = new Machine(crashAt, isDoneFirst);
          const store = new CrashingStore(machine);
          const slotFile = new CrashingFile(machine);
          const promised = new PromisedShares();
          await expect(live(store, slotFile, promised)).rejects.toBeInstanceOf(Crash);
          const random = seededRandom(seed);
          const survivor = slotFile.afterCrash(() => random.chance(0.5));
          await isKept(await copyOf(store), survivor, promised);
        }
      }
    }
  });
});

async function copyOf(store: MemoryStore): Promise<MemoryStore> {
  const copy = new MemoryStore();
  for await (const { key, value } of store.list()) await copy.batch([{ kind: 'put', key, value }]);
  return copy;
}
