import { rejectionOf } from '../../support/node-kit/rejection';
import { EkoError } from '@eko/protocol';
import { DealerWorld } from '../../support/orchestrator/dealer-world';

const LEAD = 'orchestrator-a';
const NEVER = new AbortController().signal;

describe('a dealer whose disk fails', () => {
  it('sends nothing of a dealing whose bundle is not written, and gives it up', async () => {
    const world = await DealerWorld.open();
    for (const witness of ['witness-b', 'witness-c']) world.courier.answer(witness, 'PEER_UNAVAILABLE');
    world.book.write = () => Promise.reject(new EkoError('STORE_FULL', 'The disk is full'));
    const error = await rejectionOf(world.dealer().deal(LEAD, world.request(), NEVER));
    expect(error.code).toBe('STORE_FULL');
    expect(world.courier.attempts).toEqual([]);
    expect(await world.outbox.list()).toEqual([]);
    expect(world.book.get(world.state.bundle.bundleId)?.outbox).toEqual([]);
  });

  it('keeps track of what it gave up and could not destroy', async () => {
    const world = await DealerWorld.open();
    world.courier.answer('witness-b', 'FORBIDDEN').answer('witness-c', 'FORBIDDEN');
    world.outbox.destroy = () => Promise.reject(new Error('EIO'));
    const error = await rejectionOf(world.dealer().deal(LEAD, world.request(), NEVER));
    expect(error.code).toBe('QUORUM_UNAVAILABLE');
    const stored = await world.outbox.list();
    expect(stored).toHaveLength(1);
    expect(world.book.get(world.state.bundle.bundleId)?.outbox).toEqual(stored.map((key) => key.dealingId));
    expect(world.observer.troubles).toHaveLength(1);
  });
});
