import { DeliveryLanes } from '../../../../network/orchestrator/src/service/delivery-lanes';
import { dealingId } from '../../../support/data/ledger-facts';
import { DealerHarness } from '../../../support/simulated/dealer-harness';

const NEVER = new AbortController().signal;

/** A recorded dealing of which `witness-c` has not heard. */
async function withSilentWitness() {
  const harness = await DealerHarness.open();
  harness.courier.answer('witness-c', 'silent');
  const dealer = harness.dealer();
  const { dealing } = await dealer.deal('orchestrator-a', harness.request(), NEVER);
  dealer.stop();
  const key = { bundleId: harness.state.bundle.bundleId, dealingId: dealing.dealingId };
  const paused: (() => void)[] = [];
  const resumed: (() => void)[] = [];
  const lanes = new DeliveryLanes({
    outbox: harness.outbox,
    courier: harness.courier,
    observer: harness.observer,
    pause: (_, signal) =>
      new Promise((resolve) => {
        signal?.addEventListener('abort', () => resolve(), { once: true });
        resumed.push(resolve);
        paused.shift()?.();
      }),
  });
  const nextPause = (): Promise<void> =>
    new Promise((resolve) => {
      if (resumed.length > 0) resolve();
      else paused.push(resolve);
    });
  return { harness, key, lanes, nextPause, resume: () => resumed.shift()?.() };
}

describe('delivery lanes', () => {
  it('go on until a witness that was away has acknowledged, and then forget its envelope', async () => {
    const { harness, key, lanes, nextPause, resume } = await withSilentWitness();
    harness.courier.answer('witness-c', 'PEER_UNAVAILABLE');
    lanes.add(key, 'witness-c');
    await nextPause();
    expect(lanes.size).toBe(1);
    harness.courier.answer('witness-c');
    resume();
    await lanes.idle();
    expect(harness.courier.holdersOf(key.dealingId)).toContain('witness-c');
    expect(await harness.outbox.waiting(key)).toEqual(['initiator', 'provider']);
    expect(lanes.size).toBe(0);
  });

  it('end with a refusal for good', async () => {
    const { harness, key, lanes } = await withSilentWitness();
    harness.courier.answer('witness-c', 'STREAM_ENDED');
    lanes.add(key, 'witness-c');
    await lanes.idle();
    expect(lanes.size).toBe(0);
    expect(harness.observer.lines).toContain('delivered witness-c STREAM_ENDED');
  });

  it('end when the dealing was destroyed meanwhile', async () => {
    const { harness, key, lanes, nextPause, resume } = await withSilentWitness();
    harness.courier.answer('witness-c', 'PEER_UNAVAILABLE');
    lanes.add(key, 'witness-c');
    await nextPause();
    const attempts = harness.courier.attempts.length;
    await harness.outbox.destroy(key.bundleId, [key.dealingId]);
    resume();
    await lanes.idle();
    expect(harness.courier.attempts).toHaveLength(attempts);
  });

  it('leave what waits in the outbox when they are stopped', async () => {
    const { harness, key, lanes, nextPause } = await withSilentWitness();
    harness.courier.answer('witness-c', 'PEER_UNAVAILABLE');
    lanes.add(key, 'witness-c');
    await nextPause();
    await lanes.stop();
    expect(await harness.outbox.waiting(key)).toContain('witness-c');
  });

  it.each(['NOT_FOUND', 'UNAUTHENTICATED', 'INTERNAL', 'STORE_FULL'] as const)(
    'try again after %s, which passes',
    async (code) => {
      const { harness, key, lanes, nextPause, resume } = await withSilentWitness();
      harness.courier.answer('witness-c', code);
      lanes.add(key, 'witness-c');
      await nextPause();
      expect(harness.observer.lines).toContain(`delivered witness-c ${code}`);
      harness.courier.answer('witness-c');
      resume();
      await lanes.idle();
      expect(harness.courier.holdersOf(key.dealingId)).toContain('witness-c');
    },
  );

  it('report what is no answer of a witness, pause, and try again', async () => {
    const { harness, key, lanes, nextPause, resume } = await withSilentWitness();
    const delivery = harness.outbox.delivery.bind(harness.outbox);
    const broken = new Error('EIO');
    harness.courier.answer('witness-c');
    harness.outbox.delivery = () => Promise.reject(broken);
    lanes.add(key, 'witness-c');
    await nextPause();
    expect(harness.observer.warnings).toEqual([broken]);
    harness.outbox.delivery = delivery;
    resume();
    await lanes.idle();
    expect(harness.courier.holdersOf(key.dealingId)).toContain('witness-c');
    expect(lanes.size).toBe(0);
  });

  it('do not let one envelope hold up the others of a witness', async () => {
    const { harness, key, lanes, nextPause, resume } = await withSilentWitness();
    const other = { ...key, dealingId: dealingId('x') };
    const asked: string[] = [];
    const delivery = harness.outbox.delivery.bind(harness.outbox);
    harness.outbox.delivery = (wanted, holder) => {
      asked.push(wanted.dealingId);
      return wanted.dealingId === other.dealingId
        ? Promise.reject(new Error('EIO'))
        : delivery(wanted, holder);
    };
    harness.courier.answer('witness-c');
    lanes.add(other, 'witness-c');
    lanes.add(key, 'witness-c');
    await nextPause();
    resume();
    await nextPause();
    expect(asked.slice(0, 3)).toEqual([other.dealingId, key.dealingId, other.dealingId]);
    expect(harness.courier.holdersOf(key.dealingId)).toContain('witness-c');
    await lanes.stop();
    expect(lanes.size).toBe(1);
  });
});
