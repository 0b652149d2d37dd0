import { EkoError, isEkoError } from '@eko/protocol';
import {
  decodeCommitmentSheet,
  isSheetOf,
  type CommitmentSheet,
  type SignatureVerifier,
} from '@eko/protocol/crypto';
import { policyHash, type Dealing, type DealingsRecord, type WrongSheetProof } from '@eko/protocol/ledger';
import type { CollectionTask } from './collection-task';
import { signedDealingOf, verifyDealingSignature } from './signed-dealing';

/** What the checker of a proof has from the ledger: a channel's record of the dealings, and so of which draw it is. */
export interface RecordedDraw {
  readonly channel: string;
  readonly record: Pick<DealingsRecord, 'bundleId' | 'epoch' | 'fence' | 'selection'>;
  /** How many streams the bundle has. */
  readonly streams: number;
}

/** Makes the proof against a dealer from the sheet that it had recorded. */
export function newWrongSheetProof(
  task: CollectionTask,
  dealing: Dealing,
  sheet: Uint8Array,
): WrongSheetProof {
  return {
    kind: 'wrong-sheet',
    dealing: signedDealingOf(task, { dealing, sheet }),
    policy: task.view.bundle.policy,
  };
}

/**
 * Checks a proof against a dealer from itself, the dealer's registered `sign` key and what the ledger records of the
 * bundle. Each assignment draws anew, often the same witnesses in another order: a dealing counts only under the one that
 * was recorded.
 *
 * @returns the dealer that is shown to have signed a sheet that is none, or that does not follow the draw
 * @throws EkoError `BAD_PROOF` where it shows nothing, `BAD_SIGNATURE`
 * @see docs/protocol.md, "4. Release"
 */
export function verifyWrongSheetProof(
  { dealing, policy }: WrongSheetProof,
  known: RecordedDraw & { readonly dealerKey: string },
  verify?: SignatureVerifier,
): string {
  const { context, sheetBytes } = verifyDealingSignature(dealing, known.dealerKey, verify);
  const { channel, record, streams } = known;
  const [, provider, ...witnesses] = dealing.holders;
  // What the dealer signed must be of this draw; else the sheet follows another one, as it should.
  if (policyHash(policy) !== context.policyHash || provider !== policy.provider)
    throw new EkoError('BAD_PROOF', 'The policy is not the one of the dealing');
  if (
    context.channel !== channel ||
    context.bundleId !== record.bundleId ||
    context.epoch !== record.epoch ||
    dealing.fence !== record.fence ||
    witnesses.join() !== record.selection.witnesses.join()
  )
    throw new EkoError('BAD_PROOF', 'The dealing is of another draw');
  const sheet = decodedOrNone(sheetBytes);
  if (sheet !== undefined && isSheetOf(sheet, { streams, holders: dealing.holders.length }))
    throw new EkoError('BAD_PROOF', 'The sheet is one, and follows the draw');
  return context.dealer;
}

function decodedOrNone(bytes: Uint8Array): CommitmentSheet | undefined {
  try {
    return decodeCommitmentSheet(bytes);
  } catch (error) {
    if (isEkoError(error, 'INVALID_COMMITMENTS', 'UNSUPPORTED_VERSION')) return undefined;
    throw error;
  }
}
