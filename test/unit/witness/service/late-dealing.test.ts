import { holdersOf } from '@eko/protocol/crypto';
import { rejectionOf } from '../../../support/coded-error';
import { WitnessHarness } from '../../../support/simulated/witness-harness';

describe('a witness that is given a dealing after it was recorded', () => {
  it('does not take it for another column than the draw gives it', async () => {
    const harness = await WitnessHarness.open(2);
    const { sample } = harness;
    const drawn = sample.selection;
    const swapped = { ...drawn, witnesses: [...drawn.witnesses.slice(1), ...drawn.witnesses.slice(0, 1)] };
    // What the witness is given follows another order of the same holders.
    Object.assign(sample, { selection: swapped });
    const dealt = await harness.deal();
    Object.assign(sample, { selection: drawn });
    const honest = holdersOf(sample.bundle, drawn);
    expect(dealt.holders).not.toEqual(honest);
    expect(dealt.holders.indexOf('witness-a')).not.toBe(honest.indexOf('witness-a'));
    const { dealing } = dealt;
    const record = harness.recordOf({ ...dealt, holders: honest });
    expect(record.dealings[0]!.envelopes).toEqual(dealing.envelopes);
    await harness.see({ name: 'DealingsRecorded', payload: { record } });
    expect((await rejectionOf(harness.take(harness.delivery(dealt)))).code).toBe('ENVELOPE_MISMATCH');
    expect(harness.state.held).toEqual([]);
  });
});
