import { randomBytes } from 'node:crypto';
import { SecretBytes } from '@eko/protocol';
import {
  ENVELOPE_SUITE,
  LABELS,
  dealingStatement,
  deriveCheckValue,
  encodeCommitmentSheet,
  hashText,
  holdersOf,
  newContributionShares,
  deriveTreeLeaf,
  sealRootEnvelope,
  shareCommitment,
  shareCorrection,
  sharingStructureOf,
  signRecord,
  treeRoot,
  type DealingContext,
  type TreeNode,
} from '@eko/protocol/crypto';
import { decodeBase64Url, encodeBase64Url } from '@eko/protocol/encoding';
import { type BundleRecord, type Dealing, type DealingContent, type Selection } from '@eko/protocol/ledger';
import { type EnvelopeDelivery } from '@eko/protocol/rest';
import { nodeHpkePrimitives } from '@eko/protocol/node';
import type { SimulatedNode } from './simulated-node';

export const CHANNEL = 'testchannel';
export const INITIATOR = 'initiator';
export const PROVIDER = 'provider';

/** One dealer's dealing with everything that it handed out. */
export interface SimulatedDealing {
  readonly dealing: Dealing;
  readonly context: DealingContext;
  /** What each holder got sealed. */
  readonly deliveries: ReadonlyMap<string, EnvelopeDelivery>;
  /** The same in the clear: each holder's root. */
  readonly roots: ReadonlyMap<string, TreeNode>;
}

/** What a dealer does wrong to one holder: publishes corrections that do not fit its shares, or seals it another root. */
export interface DealerFault {
  readonly kind: 'correction' | 'root';
  readonly holder: string;
}

/** What a dealer draws for one stream. */
export function randomContribution(): SecretBytes<'contribution'> {
  return new SecretBytes('contribution', new Uint8Array(randomBytes(32)));
}

/** Deals all streams of a bundle with real cryptography, as one dealer. */
export function newSimulatedDealing(input: {
  readonly bundle: BundleRecord;
  readonly selection: Selection;
  readonly nodes: ReadonlyMap<string, SimulatedNode>;
  readonly dealer: string;
  readonly contributions: readonly SecretBytes<'contribution'>[];
  /** Streams whose shares do not give the contribution that is published. */
  readonly wrongDealings: readonly number[];
  readonly fault?: DealerFault;
}): SimulatedDealing {
  const { bundle, selection, nodes, dealer, contributions, wrongDealings, fault } = input;
  const { bundleId, requestTxId, policyHash: hash, policy } = bundle;
  const dealingId = encodeBase64Url(randomBytes(16));
  const context = { channel: CHANNEL, bundleId, epoch: 1, requestTxId, policyHash: hash, dealer, dealingId };
  const holders = holdersOf(bundle, selection);
  const structure = sharingStructureOf(policy.witnesses);
  const roots = new Map(holders.map((holder) => [holder, treeRoot(new Uint8Array(randomBytes(32)))]));
  const rootOf = (holder: string): TreeNode => {
    const root = roots.get(holder);
    if (root === undefined) throw new RangeError(`${holder} is no holder`);
    return root;
  };
  const sheet = encodeCommitmentSheet({
    streams: contributions.map((contribution, streamIndex) => {
      const dealt = wrongDealings.includes(streamIndex) ? randomContribution() : contribution;
      const parts = dealt.use((bytes) =>
        newContributionShares(
          { ...structure, witnesses: selection.witnesses.length },
          bytes,
          (length) => new Uint8Array(randomBytes(length)),
        ),
      );
      const shares = [parts.initiator, parts.provider, ...parts.witnesses];
      const entries = holders.map((holder, column) => {
        const leaf = deriveTreeLeaf([rootOf(holder)], contributions.length, streamIndex);
        const share = shares[column]?.bytes ?? new Uint8Array();
        if (fault?.kind === 'correction' && fault.holder === holder) share[0] = (share[0] ?? 0) ^ 1;
        return {
          correction: shareCorrection(leaf, share),
          commitment: shareCommitment(context, { holder, column }, leaf),
        };
      });
      return { checkValue: deriveCheckValue(contribution, context, streamIndex), entries };
    }),
  });
  const sheetHash = hashText(sheet);
  const envelopes = holders.map((holder) =>
    sealRootEnvelope(
      {
        context,
        holder,
        holderPublicKey: decodeBase64Url(nodes.get(holder)?.record.keys.kem.publicKey ?? ''),
        sheetHash,
        root:
          fault?.kind === 'root' && fault.holder === holder
            ? treeRoot(new Uint8Array(randomBytes(32)))
            : rootOf(holder),
      },
      nodeHpkePrimitives,
    ),
  );
  const content: DealingContent = {
    dealer,
    dealingId,
    suite: ENVELOPE_SUITE.name,
    sheetHash,
    envelopes: envelopes.map(hashText),
  };
  const statement = dealingStatement({
    channel: CHANNEL,
    bundle,
    epoch: 1,
    fence: 0,
    holders,
    dealing: content,
  });
  const sign = nodes.get(dealer)?.sign;
  if (sign === undefined) throw new RangeError(`no node ${dealer}`);
  const dealing: Dealing = {
    ...content,
    signature: signRecord(LABELS.dealingSignature, statement, sign),
  };
  const deliveries = new Map(
    holders.map((holder, place) => [
      holder,
      {
        bundleId,
        epoch: 1,
        fence: 0,
        dealing: content,
        signature: signRecord(LABELS.deliverySignature, statement, sign),
        holders: [...holders],
        envelope: envelopes[place] ?? new Uint8Array(),
        sheet,
      },
    ]),
  );
  return { dealing, context, deliveries, roots };
}
