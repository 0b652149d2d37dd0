import type { BundleView } from '@eko/protocol';
import { pause } from '@eko/sdk';
import { LiveNetwork } from '../../support/orchestrator/live-network';
import { seededRandom } from '../../support/random';

const ROUNDS = 5;
/** By when a dealing is done on an idle machine: kills fall anywhere before and a little after. */
const MOST_DELAY_MS = 400;

const isSettled = ({ dealings, ends }: BundleView): boolean => dealings.length > 0 || ends.length > 0;

describe('orchestrator processes that are killed while they deal', () => {
  let network: LiveNetwork;

  beforeAll(async () => {
    network = await LiveNetwork.start({ orchestrators: 2, witnesses: 4 });
    for (const nodeId of ['orchestrator-0', 'orchestrator-1']) {
      await network.stopNode(nodeId);
      await network.startProcess(nodeId);
    }
  }, 60_000);
  afterAll(() => network.stop(), 30_000);

  it(`bring ${ROUNDS} requests to active, whatever the moment`, async () => {
    const random = seededRandom(11);
    for (let round = 0; round < ROUNDS; round += 1) {
      const victim = `orchestrator-${round % 2}`;
      const bundleId = await network.request({ streams: 2 });
      await pause(random.below(MOST_DELAY_MS));
      await network.kill(victim);
      await network.startProcess(victim);
      const { dealings } = await network.until(bundleId, isSettled, 40_000);
      expect(dealings).toHaveLength(1);
    }
  }, 240_000);
});
