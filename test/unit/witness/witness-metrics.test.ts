import { Registry } from '@eko/node-kit';
import { newWitnessMetrics } from '../../../network/witness/src/adapters/witness-metrics';

const nothing = () => undefined;
const logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };

describe('what a witness says of itself', () => {
  it('counts its shares each time it is asked, in what it holds then', async () => {
    let held = ['one', 'two', 'three'];
    const registry = new Registry();
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
});
