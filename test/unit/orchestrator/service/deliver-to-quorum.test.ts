import { EkoError } from '@eko/protocol';
import {
  deliverToQuorum,
  type QuorumDelivery,
} from '../../../../network/orchestrator/src/service/deliver-to-quorum';
import { rejectionOf } from '../../../support/coded-error';
import { FakeCourier } from '../../../support/simulated/fake-courier';

const WITNESSES = ['witness-a', 'witness-b', 'witness-c'];

function setUp(courier: FakeCourier, change: Partial<QuorumDelivery> = {}) {
  const pauses: number[] = [];
  const acknowledged: string[] = [];
  const delivering = deliverToQuorum({
    witnesses: WITNESSES,
    quorum: 1,
    deliver: (holder, signal) => courier.deliver({} as never, holder, signal),
    onAcknowledged: (holder) => acknowledged.push(holder),
    deadlineMs: 5_000,
    signal: new AbortController().signal,
    pause: (milliseconds) => {
      pauses.push(milliseconds);
      return new Promise((resolve) => {
        setImmediate(resolve);
      });
    },
    ...change,
  });
  return { delivering, pauses, acknowledged };
}

describe('delivering a dealing to its quorum', () => {
  it('fails as soon as those that are left are no quorum', async () => {
    const courier = new FakeCourier().answer('witness-b', 'FORBIDDEN').answer('witness-c', 'FORBIDDEN');
    const { delivering } = setUp(courier, { quorum: 2 });
    expect(await rejectionOf(delivering)).toMatchObject({
      code: 'QUORUM_UNAVAILABLE',
      details: { silent: ['witness-b', 'witness-c'] },
    });
  });

  it('is content with a quorum, whoever refuses', async () => {
    const courier = new FakeCourier().answer('witness-a', 'FORBIDDEN').answer('witness-c', 'FORBIDDEN');
    await expect(setUp(courier).delivering).resolves.toBeUndefined();
  });

  it('waits for a quorum, not for the first', async () => {
    const courier = new FakeCourier().answer('witness-b', 'silent').answer('witness-c', 'silent');
    const stopping = new AbortController();
    const { delivering, acknowledged } = setUp(courier, { quorum: 2, signal: stopping.signal });
    while (acknowledged.length === 0) await Promise.resolve();
    stopping.abort();
    expect((await rejectionOf(delivering)).code).toBe('CANCELLED');
  });

  it('stops trying the others once nobody waits for them', async () => {
    const courier = new FakeCourier().answer('witness-c', 'PEER_UNAVAILABLE');
    const { delivering, pauses } = setUp(courier, { pause: () => new Promise(() => undefined) });
    await delivering;
    expect(courier.attempts.filter((holder) => holder === 'witness-c')).toHaveLength(1);
    expect(pauses).toEqual([]);
  });

  it('asks a witness that says that it is full no second time, and hands on which', async () => {
    const courier = new FakeCourier().answer('witness-b', 'STORE_FULL');
    const { delivering } = setUp(courier, { quorum: 3 });
    expect(await rejectionOf(delivering)).toMatchObject({
      code: 'QUORUM_UNAVAILABLE',
      details: { refused: ['witness-b: STORE_FULL'] },
    });
    expect(courier.attempts.filter((holder) => holder === 'witness-b')).toHaveLength(1);
  });

  it('ends attempts under way when it fails', async () => {
    const courier = new FakeCourier().answer('witness-b', 'FORBIDDEN').answer('witness-a', 'silent');
    const ended: unknown[] = [];
    const { delivering } = setUp(courier, {
      quorum: 3,
      deliver: (holder, signal) =>
        courier.deliver({} as never, holder, signal).catch((error: unknown) => {
          ended.push(holder);
          throw error;
        }),
    });
    await rejectionOf(delivering);
    await Promise.resolve();
    expect(ended).toContain('witness-a');
  });

  it('tries a witness again that failed inside', async () => {
    const courier = new FakeCourier().answer('witness-b', 'INTERNAL').answer('witness-a', 'FORBIDDEN');
    courier.onAttempt = () => {
      if (courier.attempts.length > WITNESSES.length) courier.answer('witness-b');
    };
    await expect(setUp(courier, { quorum: 1 }).delivering).resolves.toBeUndefined();
  });

  it('is cancelled with its signal', async () => {
    const courier = new FakeCourier();
    for (const holder of WITNESSES) courier.answer(holder, 'silent');
    const stopping = new AbortController();
    const { delivering } = setUp(courier, { signal: stopping.signal });
    stopping.abort();
    expect((await rejectionOf(delivering)).code).toBe('CANCELLED');
  });

  it('sends nothing where its signal was aborted before', async () => {
    const courier = new FakeCourier();
    for (const holder of WITNESSES) courier.answer(holder, 'silent');
    const { delivering } = setUp(courier, { signal: AbortSignal.abort() });
    expect((await rejectionOf(delivering)).code).toBe('CANCELLED');
    expect(courier.attempts).toEqual([]);
  });

  it('fails with what is no answer of a holder', async () => {
    const broken = new EkoError('INTERNAL', 'broken');
    const { delivering } = setUp(new FakeCourier(), {
      deliver: () => Promise.reject(new Error('not one of ours', { cause: broken })),
    });
    await expect(delivering).rejects.toThrow('not one of ours');
  });
});
