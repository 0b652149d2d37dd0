import { EkoError } from '@eko/protocol';
import {
  LABELS,
  entriesHash,
  sharesOf,
  verifyRecordSignature,
  type ReceiptEntry,
  type SignatureVerifier,
} from '@eko/protocol/crypto';
import { decodeBase64Url, encodeBase64Url, equalBytes } from '@eko/protocol/encoding';
import { type ReleaseAnswer } from '@eko/protocol/rest';
import { type WrongShareProof } from '@eko/protocol/ledger';
import type { CollectionTask } from './collection-task';
import type { OwnDealing } from './own-dealing';
import { signedDealingOf, verifySignedDealing } from './signed-dealing';

/** Makes the proof against a witness from its answer; `accused` is the place of the wrong share among `entries`. */
export function newWrongShareProof(
  task: CollectionTask,
  dealing: OwnDealing,
  answer: ReleaseAnswer,
  entries: readonly ReceiptEntry[],
  accused: number,
): WrongShareProof {
  return {
    kind: 'wrong-share',
    dealing: signedDealingOf(task, dealing),
    receipt: answer.receipt,
    signature: answer.signature,
    entries: entries.map((entry) => ({ ...entry, commitment: encodeBase64Url(entry.commitment) })),
    accused,
  };
}

/**
 * Checks a proof against a witness from itself and two registered `sign` keys: no ledger, no network.
 *
 * @returns the witness that is shown to have released a wrong share
 * @throws EkoError `BAD_PROOF` where it shows nothing, `BAD_SIGNATURE`, `INVALID_COMMITMENTS`
 * @see docs/protocol.md, "4. Release"
 */
export function verifyWrongShareProof(
  proof: WrongShareProof,
  keys: { readonly dealerKey: string; readonly witnessKey: string },
  verify?: SignatureVerifier,
): string {
  const { receipt } = proof;
  const { context, sheet } = verifySignedDealing(proof.dealing, keys.dealerKey, verify);
  verifyRecordSignature(LABELS.receiptSignature, receipt, proof.signature, keys.witnessKey, verify);
  if (
    receipt.channel !== context.channel ||
    receipt.bundleId !== context.bundleId ||
    receipt.epoch !== context.epoch ||
    receipt.fence !== proof.dealing.fence
  )
    throw new EkoError('BAD_PROOF', 'Receipt and dealing speak of different epochs or assignments');
  const entries = proof.entries.map((entry) => ({
    ...entry,
    commitment: decodeBase64Url(entry.commitment, 32),
  }));
  if (entriesHash(entries) !== receipt.entriesHash)
    throw new EkoError('BAD_PROOF', 'The entries are not those of the receipt');
  const accused = entries[proof.accused];
  // A dealer may have signed several dealings: the witness answers for the one that its receipt names, and no other.
  if (
    accused?.dealer !== context.dealer ||
    accused.dealingId !== context.dealingId ||
    accused.sheetHash !== proof.dealing.dealing.sheetHash
  )
    throw new EkoError('BAD_PROOF', 'The accused entry is none of this dealing');
  const published = sharesOf(sheet, receipt.witness).find(
    ({ streamIndex }) => streamIndex === accused.streamIndex,
  );
  if (published === undefined)
    throw new EkoError('BAD_PROOF', 'The sheet gives this witness no share of this stream');
  if (published.shareIndex === accused.shareIndex && equalBytes(published.commitment, accused.commitment))
    throw new EkoError('BAD_PROOF', 'The share was the one committed to');
  return receipt.witness;
}
