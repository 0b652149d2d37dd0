import {
  LABELS,
  coverOf,
  dealingStatement,
  deriveTreeNodes,
  holdersOf,
  nodeCommitment,
  signRecord,
} from '@eko/protocol/crypto';
import { NODE_ROUTES, ReleaseAnswer } from '@eko/protocol/rest';
import { encodeBase64Url } from '@eko/protocol/encoding';
import { type DealingContent, type WrongShareProof } from '@eko/protocol/ledger';
import { verifyWrongShareProof } from '@eko/sdk/node';
import { newDealtBundle } from '../../../support/simulated/dealt-bundle';
import { CHANNEL, INITIATOR } from '../../../support/simulated/simulated-dealing';
import { SimulatedNetwork } from '../../../support/simulated/simulated-network';

const WITNESS = 'witness-1';
const DEALER = 'dealer-1';

/** A sheet has columns and no names: which is whose, the dealer says by the order of the holders that it signs. */
describe('a proof against a witness', () => {
  it('shows nothing where the dealer has signed the same sheet for its holders in another order', async () => {
    const bundle = newDealtBundle();
    const { view, record, nodes } = bundle;
    const recorded = bundle.dealings.find(({ context }) => context.dealer === DEALER)!;
    const streams = [0];
    const { receipt, signature } = await new SimulatedNetwork(INITIATOR, bundle).call({
      node: nodes.get(WITNESS)!.record,
      route: NODE_ROUTES.release,
      body: { bundleId: view.bundle.bundleId, epoch: 1, streams, permitTxId: record.txId },
      answerSchema: ReleaseAnswer,
      deadlineMs: 1_000,
    });
    const cover = coverOf(view.bundle.requests.length, (index) => streams.includes(index));
    const sent = bundle.dealings.flatMap(({ context, dealing, roots }) =>
      deriveTreeNodes([roots.get(WITNESS)!], cover).map((node) => ({ context, dealing, node })),
    );
    const entries = sent.map(({ context, dealing, node }) => ({
      dealer: context.dealer,
      dealingId: context.dealingId,
      sheetHash: dealing.sheetHash,
      depth: node.depth,
      position: node.position,
      commitment: encodeBase64Url(nodeCommitment(context, WITNESS, node)),
    }));
    const accused = entries.findIndex(({ dealer }) => dealer === DEALER);
    // The same dealing ID, the same sheet, the same fence: only two holders change places.
    const [a, b, ...witnesses] = holdersOf(view.bundle, record.selection);
    const holders = [a!, b!, ...witnesses.reverse()];
    expect(holders.indexOf(WITNESS)).not.toBe(holdersOf(view.bundle, record.selection).indexOf(WITNESS));
    const { dealer, dealingId, suite, sheetHash, envelopes } = recorded.dealing;
    const content: DealingContent = { dealer, dealingId, suite, sheetHash, envelopes };
    const statement = dealingStatement({
      channel: CHANNEL,
      bundle: view.bundle,
      epoch: 1,
      fence: record.fence,
      holders,
      dealing: content,
    });
    const { bundleId, requestTxId, policyHash } = view.bundle;
    const proof: WrongShareProof = {
      kind: 'wrong-share',
      dealing: {
        channel: CHANNEL,
        bundleId,
        requestTxId,
        policyHash,
        epoch: 1,
        fence: record.fence,
        holders,
        dealing: {
          ...content,
          signature: signRecord(LABELS.dealingSignature, statement, nodes.get(DEALER)!.sign),
        },
        sheet: encodeBase64Url(recorded.deliveries.get(WITNESS)!.sheet),
      },
      receipt,
      signature,
      entries,
      accused,
      opening: { node: sent[accused]!.node.secret.use(encodeBase64Url), streamIndex: 0 },
    };
    expect(() =>
      verifyWrongShareProof(proof, {
        dealerKey: nodes.get(DEALER)!.record.keys.sign,
        witnessKey: nodes.get(WITNESS)!.record.keys.sign,
      }),
    ).toThrow('The share was the one committed to');
  });
});
