import { ENVELOPE_SUITE } from '../crypto/suite';
import type {
  AbandonmentStatement,
  DealingContent,
  DealingStatement,
  Selection,
} from '../ledger/schemas/dealings';
import type { BundleRecord } from '../ledger/schemas/streams';

/** All holders of a bundle in the one order that envelopes follow: initiator, provider, drawn witnesses in draw order. */
export function holdersOf(
  bundle: Pick<BundleRecord, 'initiator' | 'policy'>,
  selection: Pick<Selection, 'witnesses'>,
): readonly string[] {
  return [bundle.initiator, bundle.policy.provider, ...selection.witnesses];
}

/** What a dealer signs, from what everybody can see. */
export function dealingStatement(input: {
  readonly channel: string;
  readonly bundle: Pick<BundleRecord, 'bundleId' | 'requestTxId' | 'policyHash'>;
  readonly epoch: number;
  readonly fence: number;
  readonly holders: readonly string[];
  readonly dealing: DealingContent;
}): DealingStatement {
  const { channel, bundle, epoch, fence, holders, dealing } = input;
  return {
    channel,
    bundleId: bundle.bundleId,
    epoch,
    fence,
    requestTxId: bundle.requestTxId,
    policyHash: bundle.policyHash,
    dealer: dealing.dealer,
    dealingId: dealing.dealingId,
    suite: ENVELOPE_SUITE.name,
    sheetHash: dealing.sheetHash,
    holders: [...holders],
    envelopes: [...dealing.envelopes],
  };
}

/** What a dealer signs when it abandons a dealing: which one, and nothing else of it. */
export function abandonmentStatement(dealing: AbandonmentStatement): AbandonmentStatement {
  const { channel, bundleId, epoch, fence, requestTxId, dealer, dealingId } = dealing;
  return { channel, bundleId, epoch, fence, requestTxId, dealer, dealingId };
}
