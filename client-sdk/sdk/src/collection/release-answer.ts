import { EkoError } from '@eko/protocol';
import {
  LABELS,
  entriesHash,
  openReleaseMessage,
  receiptHash,
  shareCommitment,
  verifyRecordSignature,
  type HpkePrimitives,
  type KeyAgreementKey,
  type ReceiptEntry,
  type ReleasedShare,
  type SignatureVerifier,
} from '@eko/protocol/crypto';
import { decodeBase64Url, equalBytes } from '@eko/protocol/encoding';
import { type ReleaseAnswer } from '@eko/protocol/rest';
import { type WrongShareProof } from '@eko/protocol/ledger';
import type { CollectionTask } from './collection-task';
import type { OwnDealing } from './own-dealing';
import { newWrongShareProof } from './wrong-share-proof';

/** What was asked of a witness. */
export interface ReleaseQuestion {
  readonly witness: string;
  /** The witness's registered `sign` key. */
  readonly witnessKey: string;
  readonly streams: readonly number[];
  readonly permitTxId: string;
}

/** What an answer is worth: shares that hold their commitments, and the proof against the witness if one does not. */
export interface CheckedAnswer {
  /** Whoever asked disposes of them. */
  readonly good: readonly ReleasedShare[];
  readonly proof?: WrongShareProof;
}

/** What opening answers needs. */
export interface AnswerChecks {
  readonly task: CollectionTask;
  readonly dealings: ReadonlyMap<string, OwnDealing>;
  readonly key: KeyAgreementKey;
  readonly primitives: HpkePrimitives;
  readonly verify: SignatureVerifier;
}

/**
 * Opens a witness's answer and checks it against question, receipt and commitments. A share that misses its commitment
 * taints the whole answer: nothing of it is used.
 *
 * @throws EkoError `BAD_SIGNATURE`, `ENVELOPE_INVALID`, or `BAD_SHARE` for an answer that does not fit its own receipt or
 *   the question; none of these proves anything to others
 * @see docs/protocol.md, "4. Release"
 */
export function checkReleaseAnswer(
  checks: AnswerChecks,
  question: ReleaseQuestion,
  answer: ReleaseAnswer,
): CheckedAnswer {
  const { task } = checks;
  const { receipt } = answer;
  refuseOtherReceipt(task, question, answer);
  verifyRecordSignature(
    LABELS.receiptSignature,
    receipt,
    answer.signature,
    question.witnessKey,
    checks.verify,
  );
  const opened = openReleaseMessage(
    {
      context: {
        channel: task.channel,
        bundleId: task.view.bundle.bundleId,
        epoch: task.record.epoch,
        witness: question.witness,
        party: task.party,
        permitTxId: question.permitTxId,
      },
      partyKey: checks.key,
      receiptHash: receiptHash(receipt),
      sealed: decodeBase64Url(answer.sealed),
    },
    checks.primitives,
  );
  let isGood = false;
  try {
    const entries = opened.entries.map((entry) => receiptEntryOf(checks, question, entry));
    if (entriesHash(entries) !== receipt.entriesHash)
      throw unfitting(question.witness, 'does not hold what its receipt says');
    const accused = entries.findIndex((entry) => !isCommitted(checks, question.witness, entry));
    const dealing = checks.dealings.get(entries[accused]?.dealer ?? '');
    if (dealing !== undefined)
      return { good: [], proof: newWrongShareProof(task, dealing, answer, entries, accused) };
    isGood = true;
    return { good: opened.entries };
  } finally {
    if (!isGood) opened.dispose();
  }
}

function refuseOtherReceipt(
  task: CollectionTask,
  question: ReleaseQuestion,
  { receipt }: ReleaseAnswer,
): void {
  const asked = new Set(question.streams);
  const fits =
    receipt.channel === task.channel &&
    receipt.witness === question.witness &&
    receipt.party === task.party &&
    receipt.bundleId === task.view.bundle.bundleId &&
    receipt.epoch === task.record.epoch &&
    receipt.fence === task.record.fence &&
    receipt.activationTxId === task.record.txId &&
    receipt.permitTxId === question.permitTxId &&
    receipt.streams.every((index) => asked.has(index));
  if (!fits) throw unfitting(question.witness, 'answers another question');
}

function receiptEntryOf(checks: AnswerChecks, question: ReleaseQuestion, entry: ReleasedShare): ReceiptEntry {
  const dealing = checks.dealings.get(entry.dealer);
  if (dealing === undefined || !question.streams.includes(entry.streamIndex))
    throw unfitting(question.witness, 'holds a share that nobody asked for');
  return {
    dealer: entry.dealer,
    dealingId: dealing.dealing.dealingId,
    sheetHash: dealing.dealing.sheetHash,
    streamIndex: entry.streamIndex,
    shareIndex: entry.shareIndex,
    commitment: shareCommitment(dealing.checked.context, question.witness, entry),
  };
}

function isCommitted(checks: AnswerChecks, witness: string, entry: ReceiptEntry): boolean {
  const published = checks.dealings.get(entry.dealer)?.commitmentOf(witness, entry.streamIndex);
  return published?.shareIndex === entry.shareIndex && equalBytes(published.commitment, entry.commitment);
}

function unfitting(witness: string, why: string): EkoError {
  return new EkoError('BAD_SHARE', `The release of witness ${witness} ${why}`, { details: { witness } });
}
