import { equalBytes } from '../encoding/bytes';
import type { CommitmentSheet } from './commitment-sheet';
import type { DealingContext } from './dealing-context';
import { EkoError } from '../errors';
import { deriveCheckValue } from '../crypto/key-schedule';
import type { TreeLeaf } from '../crypto/secret-tree';
import type { SecretBytes } from '../secret/secret-bytes';
import { shareCommitment, shareOfLeaf } from './leaf-share';

/** A dealing with its public side: what leaves and contributions are checked against. */
export interface CheckedDealing {
  readonly context: DealingContext;
  /** Node IDs, in the order of the sheet's columns. */
  readonly holders: readonly string[];
  readonly sheet: CommitmentSheet;
}

/**
 * Checks one leaf against the commitment that the dealer published for it.
 *
 * @throws EkoError `BAD_SHARE` naming holder, dealer and stream
 */
export function verifyLeafAgainstSheet(
  { context, holders, sheet }: CheckedDealing,
  holder: string,
  leaf: TreeLeaf,
): void {
  const column = holders.indexOf(holder);
  const published = sheet.streams[leaf.index]?.entries[column];
  if (
    published !== undefined &&
    equalBytes(published.commitment, shareCommitment(context, { holder, column }, leaf))
  )
    return;
  throw new EkoError('BAD_SHARE', 'The leaf is not the one that the dealer committed to', {
    details: { holder, dealer: context.dealer, streamIndex: leaf.index },
  });
}

/**
 * The share that a holder's leaf has by the sheet.
 *
 * @throws EkoError `BAD_SHARE` where the sheet has none for it
 */
export function shareBySheet(
  { context, holders, sheet }: CheckedDealing,
  holder: string,
  leaf: TreeLeaf,
): SecretBytes<'share'> {
  const published = sheet.streams[leaf.index]?.entries[holders.indexOf(holder)];
  if (published === undefined)
    throw new EkoError('BAD_SHARE', 'The sheet has no such share', {
      details: { holder, dealer: context.dealer, streamIndex: leaf.index },
    });
  return shareOfLeaf(leaf, published.correction);
}

/**
 * Checks a rebuilt contribution against the check value that its dealer published.
 *
 * @throws EkoError `BAD_DEALING` naming dealer and stream: where every leaf held its commitment, the dealer is at fault
 */
export function verifyContribution(
  dealing: Pick<CheckedDealing, 'context' | 'sheet'>,
  streamIndex: number,
  contribution: SecretBytes<'contribution'>,
): void {
  const published = dealing.sheet.streams[streamIndex]?.checkValue;
  if (
    published !== undefined &&
    equalBytes(published, deriveCheckValue(contribution, dealing.context, streamIndex))
  ) {
    return;
  }
  throw new EkoError('BAD_DEALING', 'The rebuilt contribution is not the one that the dealer published', {
    details: { dealer: dealing.context.dealer, streamIndex },
  });
}
