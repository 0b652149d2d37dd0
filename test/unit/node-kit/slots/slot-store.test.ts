import { SlotStore } from '@eko/node-kit';
import { decodeSlot } from '../../../../network/node-kit/src/slots/slot-codec';
import { type SlotFile } from '../../../../network/node-kit/src/slots/slot-file';
import { SecretBytes } from '@eko/protocol';
import { Crash, CrashingFile, Machine } from './crashing-machine';
import { FakeSlotFile } from '../../../support/simulated/fake-slot-file';
import { PromisedShares, filledShare } from './promised-shares';
import { rejectionOf } from '../../../support/coded-error';
import { seededRandom } from '../../../support/random';

const SLOT_BYTES = 128;
const storeKeyOf = (fill: number) => new SecretBytes('store key', new Uint8Array(32).fill(fill));

const open = (slotFile: SlotFile, storeKey = storeKeyOf(1)) =>
  SlotStore.open({ slotFile, storeKey, label: 'share', slots: 4 });

/** What each slot of the file holds. */
function kindsIn(slotFile: FakeSlotFile): readonly string[] {
  const bytes = slotFile.bytes();
  return Array.from({ length: bytes.length / SLOT_BYTES - 1 }, (_, number) => {
    const start = (number + 1) * SLOT_BYTES;
    return decodeSlot(bytes.subarray(start, start + SLOT_BYTES)).kind;
  });
}

/** The fill byte of each share that is there. */
async function fillsOf(
  secrets: SlotStore<'share'>,
  ...ids: string[]
): Promise<Record<string, number | undefined>> {
  const records = await secrets.get(ids);
  return Object.fromEntries(records.map(({ id, bytes }) => [id, bytes.use((plain) => plain[0])]));
}

describe('a slot store', () => {
  it('gives back what was put, whole, also after another opening', async () => {
    const slotFile = new FakeSlotFile();
    const secrets = await open(slotFile);
    await secrets.put([filledShare('a', 1), filledShare('b', 2, 32), filledShare('c', 3, 0)]);
    const again = await open(new FakeSlotFile(slotFile.bytes()));
    const lengths = (await again.get(['a', 'b', 'c', 'x'])).map(({ id, bytes }) => [id, bytes.length]);
    expect(lengths).toEqual([
      ['a', 64],
      ['b', 32],
      ['c', 0],
    ]);
    expect(await fillsOf(again, 'a', 'b')).toEqual({ a: 1, b: 2 });
    expect(again.size).toBe(3);
  });

  it('grows, and uses slots again', async () => {
    const slotFile = new FakeSlotFile();
    const secrets = await open(slotFile);
    const ids = Array.from({ length: 9 }, (_, index) => `s${index}`);
    await secrets.put(ids.map((id, index) => filledShare(id, index)));
    expect(await fillsOf(secrets, 's0', 's8')).toEqual({ s0: 0, s8: 8 });
    const size = slotFile.bytes().length;
    for (let round = 0; round < 20; round += 1) {
      await secrets.shred(ids);
      await secrets.put(ids.map((id) => filledShare(id, round)));
    }
    expect(slotFile.bytes()).toHaveLength(size);
  });

  it('leaves nothing on the disk of what it shredded', async () => {
    const slotFile = new FakeSlotFile();
    const secrets = await open(slotFile);
    await secrets.put([filledShare('a', 1), filledShare('b', 2)]);
    const before = slotFile.bytes();
    await secrets.shred(['a', 'unknown']);
    expect([await fillsOf(secrets, 'a', 'b'), secrets.stateOf('a'), secrets.size]).toEqual([
      { b: 2 },
      undefined,
      1,
    ]);
    const slotOfA = Buffer.from(before).indexOf(Buffer.from(before.subarray(SLOT_BYTES, SLOT_BYTES + 20)));
    const sealed = Buffer.from(before.subarray(slotOfA + 30, slotOfA + SLOT_BYTES - 8)).filter(
      (byte) => byte > 0,
    );
    expect(sealed.length).toBeGreaterThan(40);
    const after = slotFile.bytes();
    expect(Buffer.from(after).includes(Buffer.from(before.subarray(slotOfA + 30, slotOfA + 110)))).toBe(
      false,
    );
    // With the old bytes it would still open: it is the overwriting that destroys it.
    expect(await fillsOf(await open(new FakeSlotFile(before)), 'a')).toEqual({ a: 1 });
  });

  it('remembers over a crash what was destroyed and not yet forgotten', async () => {
    const slotFile = new FakeSlotFile();
    const secrets = await open(slotFile);
    await secrets.put([filledShare('a', 1), filledShare('b', 2)]);
    await secrets.destroy(['a']);
    const again = await open(new FakeSlotFile(slotFile.bytes()));
    expect([again.stateOf('a'), again.stateOf('b'), again.stateOf('x')]).toEqual([
      'shredded',
      'live',
      undefined,
    ]);
    await again.keepOnly(['a', 'b']);
    again.forget(['a', 'b']);
    expect([again.stateOf('a'), again.stateOf('b')]).toEqual([undefined, 'live']);
  });

  it('destroys what nobody speaks for', async () => {
    const slotFile = new FakeSlotFile();
    await (await open(slotFile)).put([filledShare('a', 1), filledShare('b', 2), filledShare('c', 3)]);
    const again = await open(slotFile);
    await again.keepOnly(['b', 'x']);
    expect(await fillsOf(again, 'a', 'b', 'c')).toEqual({ b: 2 });
    const next = await open(new FakeSlotFile(slotFile.bytes()));
    expect([next.stateOf('a'), next.stateOf('b'), next.stateOf('c')]).toEqual([undefined, 'live', undefined]);
    const size = slotFile.bytes().length;
    await again.put([filledShare('d', 4), filledShare('e', 5), filledShare('f', 6)]);
    expect(slotFile.bytes()).toHaveLength(size);
    expect(await fillsOf(await open(slotFile), 'a', 'b', 'd', 'f')).toEqual({ b: 2, d: 4, f: 6 });
  });

  it('names a share whose slot was changed, moved or put back for another', async () => {
    const slotFile = new FakeSlotFile();
    const secrets = await open(slotFile);
    await secrets.put([filledShare('a', 1), filledShare('b', 2)]);
    const bytes = slotFile.bytes();
    const first = bytes.slice(SLOT_BYTES, 2 * SLOT_BYTES);
    const moved = Uint8Array.from(bytes);
    moved.set(first, 2 * SLOT_BYTES);
    moved.set(bytes.subarray(2 * SLOT_BYTES, 3 * SLOT_BYTES), SLOT_BYTES);
    const error = await rejectionOf((await open(new FakeSlotFile(moved))).get(['a']));
    expect([error.code, error.details]).toEqual(['CORRUPT_RECORD', { key: 'a' }]);
    const flipped = Uint8Array.from(bytes);
    flipped[SLOT_BYTES + 40] = (flipped[SLOT_BYTES + 40] ?? 0) ^ 1;
    const damaged = await open(new FakeSlotFile(flipped));
    await damaged.keepOnly(['a', 'b']);
    expect((await rejectionOf(damaged.get(['a']))).details).toEqual({ key: 'a' });
    expect(await fillsOf(damaged, 'b')).toEqual({ b: 2 });
    await damaged.shred(['a']);
    expect(await fillsOf(damaged, 'a')).toEqual({});
    expect((await rejectionOf(open(new FakeSlotFile(bytes), storeKeyOf(2)))).code).toBe('INVALID_CONFIG');
  });

  it('leaves nothing on the disk of a put that failed, once a later change is done', async () => {
    const slotFile = new FakeSlotFile();
    const secrets = await open(slotFile);
    await secrets.keepOnly([]);
    const sync = slotFile.sync.bind(slotFile);
    slotFile.sync = () => Promise.reject(new Error('disk'));
    await expect(secrets.put([filledShare('a', 1)])).rejects.toThrow('disk');
    slotFile.sync = sync;
    await secrets.put([filledShare('a', 1)]);
    expect(await fillsOf(secrets, 'a')).toEqual({ a: 1 });
    await secrets.shred(['a']);
    // Of two slots of one owner an opening shows one only: what counts is what the file holds.
    expect(kindsIn(slotFile)).not.toContain('live');
  });

  it('refuses what does not fit into a slot', async () => {
    const secrets = await open(new FakeSlotFile());
    await expect(secrets.put([filledShare('a', 1, 65)])).rejects.toThrow(RangeError);
    expect(secrets.size).toBe(0);
  });
});

async function live(slotFile: SlotFile, promised: PromisedShares): Promise<void> {
  const secrets = await open(slotFile);
  await promised.put(secrets, 1, 'a', 'b');
  await promised.put(secrets, 2, 'c', 'd', 'e');
  await promised.shred(secrets, 'b', 'd');
  await promised.put(secrets, 3, 'f', 'b');
  await promised.shred(secrets, 'a', 'f');
  await promised.put(secrets, 4, 'g', 'h', 'i', 'j');
  await promised.shred(secrets, 'c', 'g');
}

describe('a slot store on a machine that stops', () => {
  it('keeps every promise, wherever it stops and whatever of the unsynchronised bytes is on disk', async () => {
    const whole = new Machine(Infinity, true);
    await live(new CrashingFile(whole), new PromisedShares());
    expect(whole.steps).toBeGreaterThan(15);
    for (let crashAt = 1; crashAt <= whole.steps; crashAt += 1) {
      for (const isDoneFirst of [false, true]) {
        for (let seed = 0; seed < 8; seed += 1) {
          const slotFile = new CrashingFile(new Machine(crashAt, isDoneFirst));
          const promised = new PromisedShares();
          await expect(live(slotFile, promised)).rejects.toBeInstanceOf(Crash);
          const random = seededRandom(seed);
          const again = await open(slotFile.afterCrash(() => random.chance(0.5)));
          // What was not acknowledged, nobody speaks for.
          await again.keepOnly(promised.kept);
          for (const [id, allowed] of promised.entries()) {
            const fill = (await fillsOf(again, id))[id];
            expect([id, fill, allowed.has(fill)]).toEqual([id, fill, true]);
          }
          await again.put([filledShare('after', 9)]);
          expect(await fillsOf(again, 'after')).toEqual({ after: 9 });
        }
      }
    }
  });
});
