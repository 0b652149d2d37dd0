// The network comes before the contracts: it silences what their API says of every decorator.
import { LiveNetwork } from '../../support/in-process/live-network';
import { DealingsContract, StreamsContract } from '@eko/chaincode';
import { RegistryBehind, listNodesOfBefore } from './registry-behind';

describe('nodes that start while the peer that answers is behind their checkpoint', () => {
  let network: LiveNetwork;

  beforeAll(async () => {
    network = await LiveNetwork.start({
      orchestrators: 1,
      witnesses: 1,
      contracts: [RegistryBehind, StreamsContract, DealingsContract],
    });
  }, 150_000);
  afterAll(() => network.stop(), 30_000);

  it('know who registered in between: the stream is dealt by both orchestrators to both witnesses', async () => {
    await network.join('orchestrator-late', 'orchestrator');
    await network.join('witness-late', 'witness');
    // Both come to stand behind these registrations before they stop.
    await Promise.all(['orchestrator-late', 'witness-late'].map((nodeId) => network.startNode(nodeId)));
    for (const nodeId of ['orchestrator-0', 'witness-0']) await network.stopNode(nodeId);
    listNodesOfBefore(true);
    for (const nodeId of ['orchestrator-0', 'witness-0']) await network.startNode(nodeId);
    const witnesses = { count: 2, quorum: 2, witnessesCanVerify: false, maxPerOrg: 2 };
    const bundleId = await network.request({ policy: { witnesses } });
    const { dealings } = await network.until(bundleId, (view) => view.dealings.length > 0);
    expect(dealings[0]?.dealings.map(({ dealer }) => dealer).sort()).toEqual([
      'orchestrator-0',
      'orchestrator-late',
    ]);
  }, 150_000);
});
