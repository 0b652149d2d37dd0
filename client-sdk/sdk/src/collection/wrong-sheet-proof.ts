import {
  EkoError,
  decodeCommitmentSheet,
  isEkoError,
  policyHash,
  sharingStructureOf,
  type CommitmentSheet,
  type Dealing,
  type Selection,
  type SignatureVerifier,
  type WrongSheetProof,
} from '@eko/protocol';
import { followsDraw, type CollectionTask } from './collection-task';
import { signedDealingOf, verifyDealingSignature } from './signed-dealing';

/** Makes the proof against a dealer from the sheet that it had recorded. */
export function newWrongSheetProof(task: CollectionTask, dealing: Dealing, sheet: string): WrongSheetProof {
  return {
    kind: 'wrong-sheet',
    dealing: signedDealingOf(task, { dealing, sheet }),
    policy: task.view.bundle.policy,
  };
}

/**
 * Checks a proof against a dealer from itself, the dealer's registered `sign` key and the draw that the ledger records
 * of the bundle.
 *
 * @returns the dealer that is shown to have signed a sheet that is none, or that does not follow the draw
 * @throws EkoError `BAD_PROOF` where it shows nothing, `BAD_SIGNATURE`
 * @see docs/protocol.md, "4. Release"
 */
export function verifyWrongSheetProof(
  { dealing, policy }: WrongSheetProof,
  known: { readonly dealerKey: string; readonly selection: Selection },
  verify?: SignatureVerifier,
): string {
  const { context, sheetBytes } = verifyDealingSignature(dealing, known.dealerKey, verify);
  const { selection } = known;
  const [, provider, ...witnesses] = dealing.holders;
  // What the dealer signed must be of this draw; else the sheet follows another one, as it should.
  if (policyHash(policy) !== context.policyHash || provider !== policy.provider)
    throw new EkoError('BAD_PROOF', 'The policy is not the one of the dealing');
  if (witnesses.join() !== selection.witnesses.join())
    throw new EkoError('BAD_PROOF', 'The dealing is of another draw');
  const sheet = decodedOrNone(sheetBytes);
  const structure = sharingStructureOf(policy.witnesses);
  if (sheet !== undefined && followsDraw(sheet, { holders: dealing.holders, selection, structure }))
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
