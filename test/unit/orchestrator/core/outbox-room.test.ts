import { rejectionOf } from '../../../support/coded-error';
import { DealerHarness } from '../../../support/simulated/dealer-harness';

const LEAD = 'orchestrator-a';
const NEVER = new AbortController().signal;

describe('the outbox of an orchestrator', () => {
  it('keeps so much for one organisation and no more, whoever its witnesses are', async () => {
    const harness = await DealerHarness.open();
    const { bundle } = harness.state;
    const keep = (number: number, initiatorMsp: string, outbox: readonly string[]): void =>
      harness.book.set(`kept-${number}`, {
        ...harness.state,
        bundle: { ...bundle, bundleId: `kept-${number}`, streams: 200, initiatorMsp },
        outbox,
      });
    for (let number = 0; number < 624; number += 1) keep(number, bundle.initiatorMsp, ['dealing']);
    const dealer = harness.dealer();
    for (const [initiatorMsp, outbox] of [
      ['OtherMSP', ['dealing']],
      [bundle.initiatorMsp, []],
    ] as const) {
      keep(624, initiatorMsp, outbox);
      await dealer.deal(LEAD, harness.request(), NEVER);
      dealer.forget(bundle.bundleId);
      harness.book.set(bundle.bundleId, harness.state);
    }
    keep(624, bundle.initiatorMsp, ['dealing']);
    const attempts = harness.courier.attempts.length;
    const error = await rejectionOf(dealer.deal(LEAD, harness.request(), NEVER));
    expect(error.code).toBe('STORE_FULL');
    expect(harness.courier.attempts).toHaveLength(attempts);
  });
});
