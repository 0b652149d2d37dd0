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
import { type Dealing, type DealingContent, type WrongShareProof } from '@eko/protocol/ledger';
import { verifyWrongShareProof } from '@eko/sdk/node';
import { codedError } from '../../../support/coded-error';
import { newDealtBundle, type DealtBundle } from '../../../support/simulated/dealt-bundle';
import {
  CHANNEL,
  INITIATOR,
  newSimulatedDealing,
  randomContribution,
  type SimulatedDealing,
} from '../../../support/simulated/simulated-dealing';
import { SimulatedNetwork } from '../../../support/simulated/simulated-network';

const WITNESS = 'witness-1';
const DEALER = 'dealer-1';

/** What an honest witness answers, as a proof would show it, against whatever its dealer signs besides. */
async function honestRelease(bundle: DealtBundle) {
  const streams = [0];
  const node = bundle.nodes.get(WITNESS)!.record;
  const { receipt, signature } = await new SimulatedNetwork(INITIATOR, bundle).call({
    node,
    route: NODE_ROUTES.release,
    body: {
      bundleId: bundle.view.bundle.bundleId,
      epoch: 1,
      streams,
      permitTxId: bundle.record.txId,
    },
    answerSchema: ReleaseAnswer,
    deadlineMs: 1_000,
  });
  const cover = coverOf(bundle.view.bundle.requests.length, (index) => streams.includes(index));
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
  const nodes = sent.map(({ node }) => node.secret.use(encodeBase64Url));
  return { receipt, signature, entries, nodes };
}

/** Another dealing of the same dealer, sheet and all. */
function secondDealing({ view, record, nodes }: DealtBundle): SimulatedDealing {
  return newSimulatedDealing({
    bundle: view.bundle,
    selection: record.selection,
    nodes,
    dealer: DEALER,
    contributions: view.bundle.requests.map(() => randomContribution()),
    wrongDealings: [],
  });
}

/** What the dealer signs: whatever it likes, for as many dealings as it likes. */
function signedByDealer(
  { view, record, nodes }: DealtBundle,
  { dealing, deliveries }: Pick<SimulatedDealing, 'dealing' | 'deliveries'>,
  change: Partial<Pick<Dealing, 'dealingId'>> & {
    readonly fence?: number;
    readonly holders?: readonly string[];
  } = {},
): WrongShareProof['dealing'] {
  const { bundle } = view;
  const { fence = record.fence, holders = holdersOf(bundle, record.selection), ...named } = change;
  const { dealer, dealingId, suite, sheetHash, envelopes } = { ...dealing, ...named };
  const content: DealingContent = { dealer, dealingId, suite, sheetHash, envelopes };
  const statement = dealingStatement({
    channel: CHANNEL,
    bundle,
    epoch: 1,
    fence,
    holders,
    dealing: content,
  });
  const signature = signRecord(LABELS.dealingSignature, statement, nodes.get(DEALER)!.sign);
  const { bundleId, requestTxId, policyHash } = bundle;
  const { sheet } = deliveries.get(WITNESS)!;
  return {
    channel: CHANNEL,
    bundleId,
    requestTxId,
    policyHash,
    epoch: 1,
    fence,
    holders: [...holders],
    dealing: { ...content, signature },
    sheet: encodeBase64Url(sheet),
  };
}

describe('an honest receipt and a second dealing that its dealer signed', () => {
  const bundle = newDealtBundle();
  const recorded = bundle.dealings.find(({ context }) => context.dealer === DEALER)!;
  const second = secondDealing(bundle);
  const registered = {
    dealerKey: bundle.nodes.get(DEALER)!.record.keys.sign,
    witnessKey: bundle.nodes.get(WITNESS)!.record.keys.sign,
  };

  const verdict = async (
    dealing: WrongShareProof['dealing'],
    change: (entry: WrongShareProof['entries'][number]) => object = () => ({}),
  ): Promise<string> => {
    const { receipt, signature, entries, nodes } = await honestRelease(bundle);
    const accused = entries.findIndex(({ dealer }) => dealer === DEALER);
    const shown = entries.map((entry, place) => (place === accused ? { ...entry, ...change(entry) } : entry));
    const proof: WrongShareProof = {
      kind: 'wrong-share',
      dealing,
      receipt,
      signature,
      entries: shown,
      accused,
      opening: { node: nodes[accused]!, streamIndex: 0 },
    };
    const { code, message } = codedError(() => verifyWrongShareProof(proof, registered));
    return `${code}: ${message}`;
  };

  it('do not convict the witness, which took its share by another sheet', async () => {
    const { dealingId } = recorded.context;
    const other = /^BAD_PROOF: The accused entry is none of this dealing$/;
    expect(await verdict(signedByDealer(bundle, second))).toMatch(other);
    // Under the name of the one that was recorded.
    expect(await verdict(signedByDealer(bundle, second, { dealingId }))).toMatch(other);
    // And the share that it did release is the one committed to.
    expect(await verdict(signedByDealer(bundle, recorded))).toMatch(
      /^BAD_PROOF: The share was the one committed/,
    );
  });

  it('do not convict it by another node than its receipt has, nor by one that does not lie above the stream', async () => {
    const { receipt, signature, entries } = await honestRelease(bundle);
    const dealing = signedByDealer(bundle, recorded);
    const accused = entries.findIndex(({ dealer }) => dealer === DEALER);
    const shown = { kind: 'wrong-share', dealing, receipt, signature, entries, accused } as const;
    const node = 'A'.repeat(43);
    const verdictOn = (opening: WrongShareProof['opening']): string =>
      codedError(() =>
        verifyWrongShareProof({ ...shown, ...(opening === undefined ? {} : { opening }) }, registered),
      ).message;
    expect(verdictOn({ node, streamIndex: 0 })).toBe('The opened node is not the one of the receipt');
    expect(verdictOn({ node, streamIndex: 1 })).toBe('The opened node does not lie above the stream');
    for (const opening of [undefined, { node, streamIndex: 9 }])
      expect(verdictOn(opening)).toBe('The proof opens no share that the sheet gives this witness');
  });

  it('do not convict it by entries that are not those of its receipt', async () => {
    const { dealingId } = second.context;
    const { sheetHash } = second.dealing;
    const dealing = signedByDealer(bundle, second);
    for (const change of [{ dealingId, sheetHash }, { dealingId }, { sheetHash }])
      expect(await verdict(dealing, () => change)).toMatch(
        /^BAD_PROOF: The entries are not those of the receipt$/,
      );
  });

  it('do not convict it by the same sheet, signed for its holders in another order', async () => {
    // A sheet has columns and no names: which is whose, the dealer says by the order of the holders.
    const [initiator = '', provider = '', ...witnesses] = holdersOf(
      bundle.view.bundle,
      bundle.record.selection,
    );
    const holders = [initiator, provider, ...[...witnesses].reverse()];
    expect(holders.indexOf(WITNESS)).not.toBe([initiator, provider, ...witnesses].indexOf(WITNESS));
    expect(await verdict(signedByDealer(bundle, recorded, { holders }))).toBe(
      'BAD_PROOF: The share was the one committed to',
    );
  });

  it('do not convict it by a dealing of another assignment', async () => {
    expect(await verdict(signedByDealer(bundle, recorded, { fence: 1 }))).toMatch(
      /^BAD_PROOF: Receipt and dealing speak of different/,
    );
  });
});
