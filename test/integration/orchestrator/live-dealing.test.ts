import { bundleTermsOf, TRANSACTIONS, recomputeSelection, type BundleView } from '@eko/protocol/ledger';
import { EnvelopeDelivery, NODE_ROUTES } from '@eko/protocol/rest';
import {
  decodeCommitmentSheet,
  hashText,
  deriveTreeLeaves,
  openRootEnvelope,
  verifyLeafAgainstSheet,
  type DealingContext,
} from '@eko/protocol/crypto';
import { importX25519Key, nodeHpkePrimitives } from '@eko/protocol/node';
import { NodeDirectory } from '@eko/sdk/node';
import { rejectionOf } from '../../support/coded-error';
import { LiveNetwork } from '../../support/in-process/live-network';
import { until } from '../../support/until';

const isActive = (view: BundleView): boolean => view.dealings.length > 0;
const isOver = (view: BundleView): boolean => view.ends.length > 0;
/** The one witness of its organisation: with one of each it is always drawn. */
const WITNESS = 'witness-2';

describe('orchestrators and witnesses over TLS on an embedded ledger', () => {
  let network: LiveNetwork;
  let directory: NodeDirectory;

  beforeAll(async () => {
    network = await LiveNetwork.start({ orchestrators: 3, witnesses: 5 });
    directory = await NodeDirectory.load(network.party('initiator').ledger);
  }, 150_000);
  afterAll(() => network.stop(), 30_000);

  const collect = (party: string, dealer: string, bundleId: string): Promise<EnvelopeDelivery> =>
    network.party(party).client.call({
      node: directory.require(dealer),
      route: NODE_ROUTES.collectEnvelope,
      body: { bundleId, epoch: 1 },
      answerSchema: EnvelopeDelivery,
      deadlineMs: 10_000,
    });

  it('deal a requested bundle, with a draw that anybody can recompute', async () => {
    const { ledger } = network.party('initiator');
    const view = await network.until(await network.request({ streams: 3 }), isActive);
    const [record] = view.dealings;
    expect(record?.dealings.map(({ dealer }) => dealer)).toEqual(view.assignments[0]?.orchestrators);
    const { entries } = await ledger.evaluate(TRANSACTIONS.readRoster, { role: 'witness' });
    const selection = recomputeSelection({
      channel: ledger.channel,
      bundle: bundleTermsOf(view.bundle),
      assignment: view.assignments[0]!,
      proofs: record?.proofs ?? [],
      vrfKey: (nodeId) => directory.require(nodeId).keys.vrf,
      roster: entries,
    });
    expect(record?.selection).toEqual(selection);
    // Whoever serves one of its streams serves all.
    expect(selection.witnesses).toHaveLength(view.bundle.policy.witnesses.count);
    for (const { envelopes } of record?.dealings ?? [])
      expect(envelopes).toHaveLength(2 + selection.witnesses.length);
  }, 150_000);

  it('keep for each party its own envelope, which opens to a root whose leaves hold their commitments', async () => {
    const bundleId = await network.request({ streams: 2 });
    const { bundle, dealings } = await network.until(bundleId, isActive);
    const { channel } = network.party('initiator').ledger;
    for (const party of ['initiator', 'provider']) {
      using holderKey = network.party(party).keys.kemPrivateKey;
      const key = importX25519Key(holderKey);
      for (const { dealer, dealingId, sheetHash, envelopes } of dealings[0]?.dealings ?? []) {
        const delivery = await collect(party, dealer, bundleId);
        const envelope = delivery.envelope;
        expect(envelopes[delivery.holders.indexOf(party)]).toBe(hashText(envelope));
        const { requestTxId, policyHash } = bundle;
        const context: DealingContext = {
          channel,
          bundleId,
          epoch: 1,
          requestTxId,
          policyHash,
          dealer,
          dealingId,
        };
        const root = openRootEnvelope(
          { context, holder: party, holderKey: key, sheetHash, envelope },
          nodeHpkePrimitives,
        );
        const sheet = decodeCommitmentSheet(delivery.sheet);
        const leaves = deriveTreeLeaves([root], 2);
        const { holders } = delivery;
        for (const leaf of leaves) verifyLeafAgainstSheet({ context, holders, sheet }, party, leaf);
        expect(leaves.map(({ index }) => index)).toEqual([0, 1]);
      }
    }
  }, 150_000);

  it('destroy the envelopes at the end, attest it, and give nothing any more', async () => {
    const bundleId = await network.request();
    const { dealings } = await network.until(bundleId, isActive);
    const dealers = (dealings[0]?.dealings ?? []).map(({ dealer }) => dealer);
    await network.party('provider').ledger.submit(TRANSACTIONS.revokeStream, { bundleId, streams: 'all' });
    const witnesses = dealings[0]?.selection.witnesses ?? [];
    await network.untilAttested(bundleId, [...dealers, ...witnesses]);
    for (const dealer of dealers) {
      const { code } = await rejectionOf(collect('initiator', dealer, bundleId));
      expect(['STREAM_ENDED', 'NOT_FOUND']).toContain(code);
    }
  }, 150_000);

  it('deal although a drawn witness is away, and deliver when it is back', async () => {
    const waitingEnvelopes = async (): Promise<number> =>
      (await network.metric('orchestrator', 'eko_orchestrator_waiting_envelopes')).reduce(
        (sum, waiting) => sum + waiting,
        0,
      );
    await network.stopNode(WITNESS);
    const witnesses = { count: 3, quorum: 2, witnessesCanVerify: false, maxPerOrg: 1 };
    const bundleId = await network.request({ streams: 12, policy: { witnesses } });
    const { dealings } = await network.until(bundleId, isActive);
    expect(dealings[0]?.selection.witnesses).toContain(WITNESS);
    await until('two envelopes wait', async () => (await waitingEnvelopes()) === 2);
    await network.startNode(WITNESS);
    await until('no envelope waits', async () => (await waitingEnvelopes()) === 0);
    // Only who has held something attests that it is gone.
    await network.party('provider').ledger.submit(TRANSACTIONS.revokeStream, { bundleId, streams: 'all' });
    await network.untilAttested(bundleId, [WITNESS]);
  }, 150_000);

  it('replace an orchestrator that is away, and deal under the next assignment', async () => {
    await network.stopNode('orchestrator-0');
    const requests = await Promise.all([1, 2, 3, 4].map(() => network.request()));
    const views = await Promise.all(
      requests.map((bundleId) => network.until(bundleId, (view) => isActive(view) || isOver(view), 60_000)),
    );
    for (const { dealings, assignments } of views) {
      expect(dealings[0]?.dealings.map(({ dealer }) => dealer)).not.toContain('orchestrator-0');
      const earlier = assignments.slice(0, -1);
      for (const { orchestrators } of earlier) expect(orchestrators).toContain('orchestrator-0');
      expect(assignments.slice(1).map(({ heldBy }) => heldBy)).toEqual(
        earlier.map(({ orchestrators }) => orchestrators),
      );
    }
    await network.startNode('orchestrator-0');
    const { ends } = await network.until(await network.request(), isActive);
    expect(ends).toEqual([]);
  }, 150_000);

  it('say nothing to who holds nothing', async () => {
    const bundleId = await network.request();
    const { dealings } = await network.until(bundleId, isActive);
    const [dealing] = dealings[0]?.dealings ?? [];
    await network.join('stranger', 'party');
    const refused = await rejectionOf(collect('stranger', dealing?.dealer ?? '', bundleId));
    const unknown = await rejectionOf(
      collect('stranger', dealing?.dealer ?? '', '00000000-0000-4000-8000-000000000000'),
    );
    expect(refused.toJSON()).toEqual(unknown.toJSON());
    expect(refused.code).toBe('NOT_FOUND');
  }, 150_000);
});
