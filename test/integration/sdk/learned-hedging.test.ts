import { type StreamRequest } from '@eko/protocol';
import { NODE_ROUTES } from '@eko/protocol/rest';
import { CLIENT_BOUNDS } from '@eko/sdk';
import type { PeerCaller } from '@eko/sdk/node';
import { INITIATOR } from '../../support/simulated/simulated-dealing';
import { ClientHarness } from '../../support/simulated/client-harness';

const REQUEST: StreamRequest = { dataType: 'file', permissions: ['read'] };

describe('a client whose witnesses have always answered soon', () => {
  it('asks another one soon when one falls silent, for the first key already', async () => {
    const harness = new ClientHarness();
    const network = harness.networks.get(INITIATOR);
    if (network === undefined) throw new RangeError(INITIATOR);
    let isNextSilent = false;
    let silent = '';
    const peers: PeerCaller = {
      call: (call) => {
        if (call.route !== NODE_ROUTES.release || !isNextSilent) return network.call(call);
        isNextSilent = false;
        silent = call.node.nodeId;
        return new Promise(() => undefined);
      },
    };
    // Whoever waits this long for a witness never gets a key in time.
    const collection = { ...CLIENT_BOUNDS.collection, hedgeMs: 3_600_000 };
    await using client = await harness.connect(INITIATOR, { peers, bounds: { collection } });
    const collected = async (): Promise<void> => {
      const stream = await client.requestStream(harness.policy, REQUEST);
      await stream.whenActive();
      (await stream.exportKey('archive', 32)).dispose();
    };
    while (network.releases.length < 24) await collected();
    isNextSilent = true;
    await collected();
    expect(silent).toMatch(/^witness-/);
  }, 60_000);
});
