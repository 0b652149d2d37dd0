import {
  EnvelopeDelivery,
  NODE_ROUTES,
  TRANSACTIONS,
  decodeBase64Url,
  decodeCommitmentSheet,
  hashText,
  openShareEnvelope,
  recomputeSelection,
  verifyHolderShares,
  type BundleView,
  type DealingContext,
} from '@eko/protocol';
import { importX25519Key, nodeHpkePrimitives } from '@eko/protocol/node';
import { NodeDirectory } from '@eko/sdk';
import { LiveNetwork } from '../../support/orchestrator/live-network';
import { codedRejection } from '../../support/node-kit/rejection';

const isActive = (view: BundleView): boolean => view.dealings.length > 0;

describe('orchestrators and witnesses over TLS on an embedded ledger', () => {
  let network: LiveNetwork;
  let directory: NodeDirectory;

  beforeAll(async () => {
    network = await LiveNetwork.start({ orchestrators: 2, witnesses: 5 });
    directory = await NodeDirectory.load(network.party('initiator').ledger);
  }, 60_000);
  afterAll(() => network.stop(), 30_000);

  it('deal a requested bundle, with a draw that anybody can recompute', async () => {
    const { ledger } = network.party('initiator');
    const view = await network.until(await network.request({ streams: 3 }), isActive);
    const [record] = view.dealings;
    expect(record?.dealings.map(({ dealer }) => dealer)).toEqual(view.assignments[0]?.orchestrators);
    const { entries } = await ledger.evaluate(TRANSACTIONS.readRoster, { role: 'witness' });
    const selection = recomputeSelection({
      channel: ledger.channel,
      bundle: view.bundle,
      proofs: record?.proofs ?? [],
      vrfKey: (nodeId) => directory.require(nodeId).keys.vrf,
      roster: entries,
    });
    expect(record?.selection).toEqual(selection);
  });
});
