import { rejectionOf } from '../../support/node-kit/rejection';
import { DealerWorld } from '../../support/orchestrator/dealer-world';

const LEAD = 'orchestrator-a';
const NEVER = new AbortController().signal;

describe('the outbox of an orchestrator', () => {
  it('keeps so much for one organisation and no more, whoever its witnesses are', async () => {
    const world = await DealerWorld.open();
    const { bundle } = world.state;
    const keep = (number: number, initiatorMsp: string, outbox: readonly string[]): void =>
      world.book.set(`kept-${number}`, {
        ...world.state,
        bundle: { ...bundle, bundleId: `kept-${number}`, streams: 200, initiatorMsp },
        outbox,
      });
    for (let number = 0; number < 624; number += 1) keep(number, bundle.initiatorMsp, ['dealing']);
    const dealer = world.dealer();
    for (const [initiatorMsp, outbox] of [
      ['OtherMSP', ['dealing']],
      [bundle.initiatorMsp, []],
    ] as const) {
      keep(624, initiatorMsp, outbox);
      await dealer.deal(LEAD, world.request(), NEVER);
      dealer.forget(bundle.bundleId);
      world.book.set(bundle.bundleId, world.state);
    }
    keep(624, bundle.initiatorMsp, ['dealing']);
    const attempts = world.courier.attempts.length;
    const error = await rejectionOf(dealer.deal(LEAD, world.request(), NEVER));
    expect(error.code).toBe('STORE_FULL');
    expect(world.courier.attempts).toHaveLength(attempts);
  });
});
