import { NODE_ROUTES, ReleaseAnswer } from '@eko/protocol/rest';
import { TRANSACTIONS } from '@eko/protocol/ledger';
import { NodeDirectory } from '@eko/sdk/node';
import { rejectionOf } from '../../support/coded-error';
import { DishonestDealer } from './dishonest-dealer';
import { LiveNetwork } from '../../support/in-process/live-network';
import { until } from '../../support/until';

describe('witnesses of a dealer that has recorded what it abandoned', () => {
  let network: LiveNetwork;

  beforeAll(async () => {
    network = await LiveNetwork.start({ orchestrators: 1, witnesses: 3 });
  }, 150_000);
  afterAll(() => network.stop(), 30_000);

  it('each convict it, and tell the parties why they have no shares', async () => {
    await network.stopNode('orchestrator-0');
    const bundleId = await network.request({ policy: { dealers: 1 } });
    const requested = await network.until(bundleId, () => true);
    const dealer = await DishonestDealer.of(network.placesOf('orchestrator-0'));
    try {
      const first = await dealer.deal(requested);
      await dealer.deliver(requested, first, []);
      await dealer.deliver(requested, await dealer.deal(requested), [first]);
      await dealer.record(requested, first);
    } finally {
      dealer.close();
    }
    const counted = async (): Promise<number> =>
      (await network.metric('witness', 'eko_witness_abandoned_dealings_total')).reduce(
        (sum, one) => sum + one,
        0,
      );
    await until('three dealings are counted', async () => (await counted()) === 3);
    const { dealings } = await network.until(bundleId, (view) => view.dealings.length > 0);
    const { client, ledger } = network.party('initiator');
    const directory = await NodeDirectory.load(ledger);
    for (const witness of dealings[0]?.selection.witnesses ?? []) {
      // A permit of its own, for the first one may be too old by now.
      const permit = { bundleId, epoch: 1, streams: [0] };
      const { txId: permitTxId } = await ledger.submit(TRANSACTIONS.authorizeRelease, permit);
      const refusal = await rejectionOf(
        client.call({
          node: directory.require(witness),
          route: NODE_ROUTES.release,
          body: { ...permit, permitTxId },
          answerSchema: ReleaseAnswer,
          deadlineMs: 10_000,
        }),
      );
      expect(refusal).toMatchObject({ code: 'BAD_DEALING', details: { dealers: ['orchestrator-0'] } });
    }
    expect(dealings[0]?.selection.witnesses).toHaveLength(3);
    // A witness that starts again has said it already.
    await network.stopNode('witness-0');
    await network.startNode('witness-0');
    expect(await counted()).toBe(2);
  }, 150_000);
});
