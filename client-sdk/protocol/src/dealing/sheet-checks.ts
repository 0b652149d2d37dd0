import { equalBytes } from '../encoding/bytes';
import type { CommitmentSheet, SheetEntry } from './commitment-sheet';
import type { DealingContext } from './dealing-context';
import { EkoError } from '../errors';
import { deriveCheckValue } from '../crypto/key-schedule';
import type { SecretBytes } from '../secret/secret-bytes';
import { shareCommitment } from './share-commitment';
import type { ShareEntry } from './share-entry';

/** A dealing with its public side: what shares and contributions are checked against. */
export interface CheckedDealing {
  readonly context: DealingContext;
  readonly sheet: CommitmentSheet;
}

/**
 * Checks one share against the commitment that the dealer published for it.
 *
 * @throws EkoError `BAD_SHARE` naming holder, dealer, stream and share index
 */
export function verifyShareAgainstSheet(dealing: CheckedDealing, holder: string, entry: ShareEntry): void {
  const { context, sheet } = dealing;
  const position = sheet.holders.indexOf(holder);
  const published = sheet.streams[entry.streamIndex]?.entries.find(
    (candidate) => candidate.holder === position && candidate.shareIndex === entry.shareIndex,
  );
  if (published !== undefined && equalBytes(published.commitment, shareCommitment(context, holder, entry)))
    return;
  throw new EkoError('BAD_SHARE', 'The share is not the one that the dealer committed to', {
    details: {
      holder,
      dealer: context.dealer,
      streamIndex: entry.streamIndex,
      shareIndex: entry.shareIndex,
    },
  });
}

/**
 * Checks what a holder's envelope held: every share against its commitment, and that none is missing.
 *
 * @throws EkoError `BAD_SHARE` naming the first that does not hold, or the first stream without its share
 */
export function verifyHolderShares(
  dealing: CheckedDealing,
  holder: string,
  entries: readonly ShareEntry[],
): void {
  for (const entry of entries) verifyShareAgainstSheet(dealing, holder, entry);
  const served = new Set(entries.map((entry) => entry.streamIndex));
  for (const { streamIndex, shareIndex } of sharesOf(dealing.sheet, holder)) {
    if (served.has(streamIndex)) continue;
    throw new EkoError('BAD_SHARE', 'The envelope lacks a share that the dealer committed to', {
      details: { holder, dealer: dealing.context.dealer, streamIndex, shareIndex },
    });
  }
}

/** The places that a sheet gives to a holder, in order of the stream index. */
export function sharesOf(
  sheet: CommitmentSheet,
  holder: string,
): readonly (SheetEntry & { readonly streamIndex: number })[] {
  const position = sheet.holders.indexOf(holder);
  return sheet.streams.flatMap(({ entries }, streamIndex) =>
    entries.filter((entry) => entry.holder === position).map((entry) => ({ ...entry, streamIndex })),
  );
}

/**
 * Checks a rebuilt contribution against the check value that its dealer published.
 *
 * @throws EkoError `BAD_DEALING` naming dealer and stream: every share held its commitment, so the dealer is at fault
 */
export function verifyContribution(
  dealing: CheckedDealing,
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
