import { rejectionOf } from '../../../support/coded-error';
import { EkoError } from '@eko/protocol';
import { DealerHarness } from '../../../support/simulated/dealer-harness';

const LEAD = 'orchestrator-a';
const NEVER = new AbortController().signal;

describe('a dealer whose disk fails', () => {
  it('sends nothing of a dealing whose bundle is not written, and abandons it', async () => {
    const harness = await DealerHarness.open();
    for (const witness of ['witness-b', 'witness-c']) harness.courier.answer(witness, 'PEER_UNAVAILABLE');
    harness.book.write = () => Promise.reject(new EkoError('STORE_FULL', 'The disk is full'));
    const error = await rejectionOf(harness.dealer().deal(LEAD, harness.request(), NEVER));
    expect(error.code).toBe('STORE_FULL');
    expect(harness.courier.attempts).toEqual([]);
    expect(await harness.outbox.list()).toEqual([]);
    expect(harness.book.get(harness.state.bundle.bundleId)?.outbox).toEqual([]);
  });

  it('keeps track of what it abandoned and could not destroy', async () => {
    const harness = await DealerHarness.open();
    harness.courier.answer('witness-b', 'FORBIDDEN').answer('witness-c', 'FORBIDDEN');
    harness.outbox.destroy = () => Promise.reject(new Error('EIO'));
    const error = await rejectionOf(harness.dealer().deal(LEAD, harness.request(), NEVER));
    expect(error.code).toBe('QUORUM_UNAVAILABLE');
    const stored = await harness.outbox.list();
    expect(stored).toHaveLength(1);
    expect(harness.book.get(harness.state.bundle.bundleId)?.outbox).toEqual(
      stored.map((key) => key.dealingId),
    );
    expect(harness.observer.warnings).toHaveLength(1);
  });
});
