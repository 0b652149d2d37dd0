import { Metrics } from '@eko/node-kit';
import { newWitnessMetrics } from '../../../../network/witness/src/service/witness-metrics';
import { RecordingLogger } from '../../../support/simulated/recording-logger';

const nothing = () => undefined;
const logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };

describe('what a witness says of itself', () => {
  it('counts its shares each time it is asked, in what it holds then', async () => {
    let held = ['one', 'two', 'three'];
    const registry = new Metrics();
    const metrics = newWitnessMetrics(registry, logger, {
      bundles: () => 1,
      shares: () => held.length,
      ledgerView: () => ({ height: 1n, msSinceAdvance: () => 0 }),
    });
    expect(await registry.metrics()).toMatch(/^eko_witness_shares_held 3$/m);
    held = ['three'];
    metrics.destroyed('bundle', 1);
    expect(await registry.metrics()).toMatch(/^eko_witness_shares_held 1$/m);
  });

  it('counts and logs the dealers that had recorded what they abandoned, or delivered two envelopes for one place', async () => {
    const registry = new Metrics();
    const lines = new RecordingLogger();
    const metrics = newWitnessMetrics(registry, lines, {
      bundles: () => 1,
      shares: () => 0,
      ledgerView: () => ({ height: 1n, msSinceAdvance: () => 0 }),
    });
    metrics.accused('bundle', 'dealer');
    metrics.conflicted('bundle', 'twofold');
    metrics.unproved('bundle', 'other', 'BAD_SIGNATURE');
    expect(await registry.metrics()).toMatch(/^eko_witness_abandoned_dealings_total 1$/m);
    expect(await registry.metrics()).toMatch(/^eko_witness_conflicting_envelopes_total 1$/m);
    expect(lines.lines).toEqual([
      {
        level: 'error',
        event: 'a dealer had recorded what it gave up',
        fields: { bundleId: 'bundle', peer: 'dealer', reason: 'BAD_DEALING' },
      },
      {
        level: 'error',
        event: 'another envelope for the same place',
        fields: { bundleId: 'bundle', peer: 'twofold' },
      },
      {
        level: 'warn',
        event: 'no proof that a dealer had recorded what it gave up',
        fields: { bundleId: 'bundle', peer: 'other', reason: 'BAD_SIGNATURE' },
      },
    ]);
  });
});
