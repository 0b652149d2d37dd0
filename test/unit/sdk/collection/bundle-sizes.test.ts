import { type BundleView } from '@eko/protocol/ledger';
import { Outcome, collect, collectInto, keysOf } from './collected-keys';
import { newDealtBundle } from '../../../support/simulated/dealt-bundle';
import { INITIATOR, PROVIDER } from '../../../support/simulated/simulated-dealing';
import { SimulatedNetwork } from '../../../support/simulated/simulated-network';
import { txIdOf } from '../../../support/simulated/fake-ledger';

const PATIENT = { hedgeMs: 60_000 };

describe.each([
  ['a party and a quorum', false],
  ['the witnesses too', true],
])('the keys of a bundle that %s can rebuild', (_, witnessesCanVerify) => {
  it.each([1, 2, 199, 200])('come to both parties, of %d streams', async (streams) => {
    const bundle = newDealtBundle({ streams, witnesses: 3, witnessesCanVerify });
    for (const party of [INITIATOR, PROVIDER]) {
      const network = new SimulatedNetwork(party, bundle);
      const { keys, failures, proofs } = await collect(bundle, network, { party, bounds: PATIENT });
      expect(keys).toEqual(keysOf(bundle));
      expect([failures.size, proofs.length, network.releases.length]).toEqual([0, 0, 2]);
    }
  });

  it.each([2, 199, 200])('come again for those that live, of %d streams', async (streams) => {
    const bundle = newDealtBundle({ streams, witnesses: 3, witnessesCanVerify });
    const network = new SimulatedNetwork(INITIATOR, bundle);
    const living = bundle.epochKeys.map((__, index) => index).filter((index) => index % 3 !== 0);
    const view: BundleView = {
      ...bundle.view,
      ends: bundle.epochKeys.flatMap((__, index) =>
        living.includes(index)
          ? []
          : [
              {
                bundleId: bundle.view.bundle.bundleId,
                index,
                reason: 'revoked' as const,
                by: PROVIDER,
                txId: txIdOf(`end ${index}`),
                atUnixMs: 1,
              },
            ],
      ),
    };
    const outcome = new Outcome();
    await collectInto(outcome, bundle, network, { view: () => view, streams: living, bounds: PATIENT });
    const expected = new Map([...keysOf(bundle)].filter(([index]) => living.includes(index)));
    expect(new Map([...outcome.keys].sort(([one], [other]) => one - other))).toEqual(expected);
    expect([outcome.failures.size, outcome.proofs.length]).toEqual([0, 0]);
  });
});
