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
  sealShareEnvelope,
  shareCommitment,
  sharingStructureOf,
  signRecord,
  type DealingContext,
  type Share,
  type ShareEntry,
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
  /** The same in the clear, as a witness keeps it. */
  readonly shares: ReadonlyMap<string, readonly ShareEntry[]>;
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
}): SimulatedDealing {
  const { bundle, selection, nodes, dealer, contributions, wrongDealings } = input;
  const { bundleId, requestTxId, policyHash: hash, policy } = bundle;
  const dealingId = encodeBase64Url(randomBytes(16));
  const context = { channel: CHANNEL, bundleId, epoch: 1, requestTxId, policyHash: hash, dealer, dealingId };
  const holders = holdersOf(bundle, selection);
  const structure = sharingStructureOf(policy.witnesses);
  const shares = new Map<string, ShareEntry[]>(holders.map((holder) => [holder, []]));
  const sheet = encodeCommitmentSheet({
    holders,
    streams: contributions.map((contribution, streamIndex) => {
      const dealt = wrongDealings.includes(streamIndex) ? randomContribution() : contribution;
      const parts = dealt.use((bytes) =>
        newContributionShares(
          { ...structure, witnesses: selection.witnesses.length },
          bytes,
          (length) => new Uint8Array(randomBytes(length)),
        ),
      );
      const give = (holder: string | undefined, part: Share) => {
        const held = shares.get(holder ?? '');
        if (holder === undefined || held === undefined) throw new RangeError('a drawn witness is no holder');
        const entry: ShareEntry = {
          streamIndex,
          shareIndex: part.index,
          share: new SecretBytes('share', part.bytes),
          salt: new SecretBytes('share salt', new Uint8Array(randomBytes(32))),
        };
        held.push(entry);
        return {
          holder: holders.indexOf(holder),
          shareIndex: part.index,
          commitment: shareCommitment(context, holder, entry),
        };
      };
      const entries = [
        give(INITIATOR, parts.initiator),
        give(PROVIDER, parts.provider),
        ...parts.witnesses.map((part, place) => give(selection.witnesses[place], part)),
      ];
      return { checkValue: deriveCheckValue(contribution, context, streamIndex), entries };
    }),
  });
  const sheetHash = hashText(sheet);
  const envelopes = holders.map((holder) =>
    sealShareEnvelope(
      {
        context,
        holder,
        holderPublicKey: decodeBase64Url(nodes.get(holder)?.record.keys.kem.publicKey ?? ''),
        sheetHash,
        entries: shares.get(holder) ?? [],
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
        envelope: encodeBase64Url(envelopes[place] ?? new Uint8Array()),
        sheet: encodeBase64Url(sheet),
      },
    ]),
  );
  return { dealing, context, deliveries, shares };
}
