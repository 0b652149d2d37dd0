import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { startLiveParty } from '../../support/in-process/live-parties';
import { LiveNetwork } from '../../support/in-process/live-network';
import { rejectionOf } from '../../support/coded-error';

/** A program that has the port of a node. */
async function occupy(port: number): Promise<Server> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

describe('a start that fails half way', () => {
  let network: LiveNetwork;

  beforeAll(async () => {
    network = await LiveNetwork.start({ orchestrators: 0, witnesses: 0 });
    await network.join('orchestrator', 'orchestrator');
    await network.join('witness', 'witness');
  });
  afterAll(() => network.stop());

  it.each(['orchestrator', 'witness'])(
    'leaves nothing open, so that the next one succeeds: %s',
    async (nodeId) => {
      const other = await occupy(network.placesOf(nodeId).port);
      // By then it has its store, its slots, the ledger's events and its ticks.
      expect((await rejectionOf(network.startNode(nodeId))).code).toBe('INVALID_CONFIG');
      other.close();
      await network.startNode(nodeId);
      await network.stopNode(nodeId);
    },
  );

  it('leaves nothing open, so that the next one succeeds: party', async () => {
    const { port } = network.placesOf('provider');
    const other = await occupy(port);
    // The last that it opens is the port of its operations.
    const failed = startLiveParty(network, 'provider', { operationsPort: port, streamPort: 0 });
    expect((await rejectionOf(failed)).code).toBe('INVALID_CONFIG');
    other.close();
    const node = await startLiveParty(network, 'provider');
    await node.stop();
  });
});
