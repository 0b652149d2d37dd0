import { NODE_ROUTES } from '@eko/protocol/rest';
import { type PeerCaller } from '@eko/sdk/node';
import { HedgeDelay } from '../../../../client-sdk/sdk/src/collection/hedge-delay';
import { WitnessStanding } from '../../../../client-sdk/sdk/src/collection/witness-standing';
import { collect, keysOf, type Attempt } from './collected-keys';
import { newDealtBundle } from '../../../support/simulated/dealt-bundle';
import { INITIATOR } from '../../../support/simulated/simulated-dealing';
import { SimulatedNetwork } from '../../../support/simulated/simulated-network';

describe('collectKeys, where witnesses are late', () => {
  it('asks a witness that was silent last the next time, and as before once it has answered', async () => {
    const standing = new WitnessStanding();
    const nodes = newDealtBundle({ witnesses: 3 });
    const first = async (attempt: Attempt, fault?: string): Promise<readonly string[]> => {
      const bundle = newDealtBundle({ witnesses: 3, nodes: nodes.nodes });
      const network = new SimulatedNetwork(INITIATOR, bundle);
      if (fault !== undefined) network.faults.set(fault, 'silent');
      expect((await collect(bundle, network, { standing, ...attempt })).keys).toEqual(keysOf(bundle));
      return network.releases.map(({ witness }) => witness);
    };
    const patient = { bounds: { hedgeMs: 60_000 } };
    const [before = ''] = await first(patient);
    expect(await first({}, before)).toHaveLength(3);
    expect(await first(patient)).not.toContain(before);
    standing.prompt(before);
    expect(await first(patient)).toContain(before);
  });

  it('waits for a silent witness only as long as is known to be usual', async () => {
    const hedging = new HedgeDelay();
    for (let answers = 0; answers < 20; answers += 1) hedging.answered(1);
    const nodes = newDealtBundle({ witnesses: 3 });
    const bundle = newDealtBundle({ witnesses: 3, nodes: nodes.nodes });
    const network = new SimulatedNetwork(INITIATOR, bundle);
    const [first = ''] = bundle.record.selection.witnesses;
    network.faults.set(first, 'silent');
    const { keys } = await collect(bundle, network, { hedging, bounds: { hedgeMs: 3_600_000 } });
    expect(keys).toEqual(keysOf(bundle));
    expect(network.releases).toHaveLength(3);
  });

  it('notes how long each witness took', async () => {
    const bundle = newDealtBundle({ witnesses: 3 });
    const network = new SimulatedNetwork(INITIATOR, bundle);
    let nowMs = 0;
    const peers: PeerCaller = {
      call: (call) => {
        if (call.route === NODE_ROUTES.release) nowMs += 30;
        return network.call(call);
      },
    };
    const took: number[] = [];
    const hedging = new HedgeDelay();
    hedging.answered = (tookMs) => took.push(tookMs);
    const bounds = { hedgeMs: 60_000 };
    await collect(bundle, network, { peers, hedging, bounds, monotonicMs: () => nowMs });
    // Both were asked before either answered.
    expect(took).toEqual([60, 30]);
  });

  it('does not call those late whose answers wait for a dealer', async () => {
    const standing = new WitnessStanding();
    const bundle = newDealtBundle({ witnesses: 3 });
    const network = new SimulatedNetwork(INITIATOR, bundle);
    network.faults.set('dealer-2', 'down');
    const stop = new AbortController();
    const collected = collect(bundle, network, { standing, signal: stop.signal });
    await network.asked(2);
    for (let turn = 0; turn < 5; turn += 1) await network.dealerAsked();
    stop.abort();
    await expect(collected).rejects.toMatchObject({ code: 'CANCELLED' });
    for (const { witness } of network.releases)
      expect(standing.timesLate(witness, performance.now())).toBe(0);
  });
});
