import { EkoError } from '@eko/protocol';
import {
  LABELS,
  coverOf,
  entriesHash,
  isSamePlace,
  openReleaseMessage,
  receiptEntriesOf,
  receiptHash,
  verifyRecordSignature,
  type HpkePrimitives,
  type KeyAgreementKey,
  type OpenedRelease,
  type ReceiptEntry,
  type SignatureVerifier,
} from '@eko/protocol/crypto';
import { type ReleaseAnswer } from '@eko/protocol/rest';
import { type WrongShareProof } from '@eko/protocol/ledger';
import type { CollectionTask } from './collection-task';
import type { OwnDealing } from './own-dealing';
import { WitnessAnswer } from './witness-answer';
import { isBeyondReceipt, newWrongShareProof } from './wrong-share-proof';

/** What was asked of a witness. */
export interface ReleaseQuestion {
  readonly witness: string;
  /** The witness's registered `sign` key. */
  readonly witnessKey: string;
  readonly streams: readonly number[];
  readonly permitTxId: string;
}

/** What an answer is worth: nodes that fit its receipt, or the proof against a witness that released more than that. */
export type CheckedAnswer =
  | { readonly kind: 'fits'; readonly answer: WitnessAnswer }
  | { readonly kind: 'beyond'; readonly proof: WrongShareProof };

/** What opening answers needs. */
export interface AnswerChecks {
  readonly task: CollectionTask;
  readonly dealings: ReadonlyMap<string, OwnDealing>;
  readonly key: KeyAgreementKey;
  readonly primitives: HpkePrimitives;
  readonly verify: SignatureVerifier;
}

/**
 * Opens a witness's answer and checks it against question and receipt: that it is what the receipt says, and of each
 * dealing the fewest nodes that give the streams which the receipt names. Whether its leaves are those committed to is
 * looked at where a contribution misses its check value.
 *
 * @returns the answer, which whoever asked disposes of
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
      sealed: answer.sealed,
    },
    checks.primitives,
  );
  let isKept = false;
  try {
    const entries = entriesOf(checks, question, opened);
    if (entriesHash(entries) !== receipt.entriesHash)
      throw unfitting(question.witness, 'does not hold what its receipt says');
    const streams = task.view.bundle.requests.length;
    const accused = entries.findIndex((entry) => isBeyondReceipt(entry, receipt.streams, streams));
    const dealing = checks.dealings.get(entries[accused]?.dealer ?? '');
    if (dealing !== undefined)
      return { kind: 'beyond', proof: newWrongShareProof(task, dealing, answer, entries, { accused }) };
    refuseOtherNodes(question.witness, receipt.streams, streams, opened);
    isKept = true;
    return { kind: 'fits', answer: new WitnessAnswer(question.witness, answer, opened, entries) };
  } finally {
    if (!isKept) opened.dispose();
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

function entriesOf(
  { dealings }: AnswerChecks,
  { witness }: ReleaseQuestion,
  { released }: OpenedRelease,
): readonly ReceiptEntry[] {
  return released.flatMap(({ dealer, nodes }) => {
    const of = dealings.get(dealer);
    if (of === undefined) throw unfitting(witness, 'is of a dealing that nobody asked for');
    const { sheetHash } = of.dealing;
    return receiptEntriesOf({ context: of.checked.context, sheetHash }, witness, nodes);
  });
}

/** Refuses an answer that gives less than its receipt names, or not by the fewest nodes. */
function refuseOtherNodes(
  witness: string,
  receiptStreams: readonly number[],
  streams: number,
  { released }: OpenedRelease,
): void {
  const named = new Set(receiptStreams);
  const cover = coverOf(streams, (index) => named.has(index));
  const isCover = released.every(
    ({ nodes }) =>
      nodes.length === cover.length &&
      nodes.every((node, at) => {
        const place = cover[at];
        return place !== undefined && isSamePlace(node, place);
      }),
  );
  if (!isCover) throw unfitting(witness, 'does not give the streams that its receipt names');
}

function unfitting(witness: string, why: string): EkoError {
  return new EkoError('BAD_SHARE', `The release of witness ${witness} ${why}`, { details: { witness } });
}
