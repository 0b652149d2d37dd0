import { EkoError } from '@eko/protocol';
import {
  LABELS,
  dealingStatement,
  decodeCommitmentSheet,
  hashText,
  verifyRecordSignature,
  type CheckedDealing,
  type DealingContext,
  type SignatureVerifier,
} from '@eko/protocol/crypto';
import { decodeBase64Url, encodeBase64Url } from '@eko/protocol/encoding';
import { type SignedDealing } from '@eko/protocol/ledger';
import type { CollectionTask } from './collection-task';
import type { OwnDealing } from './own-dealing';

/** The public part of a dealing, as a proof carries it. */
export function signedDealingOf(
  task: CollectionTask,
  { dealing, sheet }: Pick<OwnDealing, 'dealing' | 'sheet'>,
): SignedDealing {
  const { bundleId, requestTxId, policyHash } = task.view.bundle;
  return {
    channel: task.channel,
    bundleId,
    requestTxId,
    policyHash,
    epoch: task.record.epoch,
    fence: task.record.fence,
    holders: [...task.holders],
    dealing,
    sheet: encodeBase64Url(sheet),
  };
}

/**
 * Checks that a dealer signed a dealing and that the sheet is the one it signed for.
 *
 * @param dealerKey - the dealer's registered `sign` key
 * @throws EkoError `BAD_SIGNATURE`, `BAD_PROOF`, `INVALID_COMMITMENTS`
 */
export function verifySignedDealing(
  signed: SignedDealing,
  dealerKey: string,
  verify?: SignatureVerifier,
): CheckedDealing {
  const { context, sheetBytes } = verifyDealingSignature(signed, dealerKey, verify);
  return { context, holders: signed.holders, sheet: decodeCommitmentSheet(sheetBytes) };
}

/**
 * As `verifySignedDealing`, whatever the sheet holds.
 * @throws EkoError `BAD_SIGNATURE`, `BAD_PROOF`
 */
export function verifyDealingSignature(
  signed: SignedDealing,
  dealerKey: string,
  verify?: SignatureVerifier,
): { readonly context: DealingContext; readonly sheetBytes: Uint8Array } {
  const { channel, bundleId, requestTxId, policyHash, epoch, fence, holders, dealing, sheet } = signed;
  const statement = dealingStatement({
    channel,
    bundle: { bundleId, requestTxId, policyHash },
    epoch,
    fence,
    holders,
    dealing,
  });
  verifyRecordSignature(LABELS.dealingSignature, statement, dealing.signature, dealerKey, verify);
  const sheetBytes = decodeBase64Url(sheet);
  if (hashText(sheetBytes) !== dealing.sheetHash)
    throw new EkoError('BAD_PROOF', 'The sheet is not the one that the dealer signed for');
  const { dealer, dealingId } = dealing;
  return {
    context: { channel, bundleId, epoch, requestTxId, policyHash, dealer, dealingId },
    sheetBytes,
  };
}
