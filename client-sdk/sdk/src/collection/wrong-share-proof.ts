import { EkoError } from '@eko/protocol';
import {
  LABELS,
  deriveTreeLeaf,
  entriesHash,
  leavesBelow,
  nodeCommitment,
  shareCommitment,
  treeNode,
  verifyRecordSignature,
  type CheckedDealing,
  type ReceiptEntry,
  type SignatureVerifier,
  type TreeNode,
} from '@eko/protocol/crypto';
import { decodeBase64Url, encodeBase64Url, equalBytes } from '@eko/protocol/encoding';
import { type ReleaseAnswer } from '@eko/protocol/rest';
import { type WrongShareProof } from '@eko/protocol/ledger';
import type { CollectionTask } from './collection-task';
import type { OwnDealing } from './own-dealing';
import { signedDealingOf, verifySignedDealing } from './signed-dealing';

/** Of a witness's answer what it can be held to. */
export type SignedReceipt = Pick<ReleaseAnswer, 'receipt' | 'signature'>;

/** Which node of an answer is wrong, by its place among the receipt's entries. */
export interface Accusation {
  readonly accused: number;
  /** The node itself and a stream whose commitment it misses; none where it lies above what the receipt names. */
  readonly opening?: { readonly node: TreeNode; readonly streamIndex: number };
}

/** Makes the proof against a witness from its answer. */
export function newWrongShareProof(
  task: CollectionTask,
  dealing: OwnDealing,
  answer: SignedReceipt,
  entries: readonly ReceiptEntry[],
  { accused, opening }: Accusation,
): WrongShareProof {
  return {
    kind: 'wrong-share',
    dealing: signedDealingOf(task, dealing),
    receipt: answer.receipt,
    signature: answer.signature,
    entries: entries.map((entry) => ({ ...entry, commitment: encodeBase64Url(entry.commitment) })),
    accused,
    ...(opening === undefined
      ? {}
      : {
          opening: {
            node: opening.node.secret.use(encodeBase64Url),
            streamIndex: opening.streamIndex,
          },
        }),
  };
}

/** Tells whether a node lies above a stream that a receipt does not name: more was released than it says. */
export function isBeyondReceipt(
  place: TreeNode | ReceiptEntry,
  receiptStreams: readonly number[],
  streams: number,
): boolean {
  return leavesBelow(place, streams).some((index) => !receiptStreams.includes(index));
}

/**
 * Checks a proof against a witness from itself and two registered `sign` keys: no ledger, no network.
 *
 * @returns the witness that is shown to have released a wrong share, or one of a stream that its receipt does not name
 * @throws EkoError `BAD_PROOF` where it shows nothing, `BAD_SIGNATURE`, `INVALID_COMMITMENTS`
 * @see docs/protocol.md, "4. Release"
 */
export function verifyWrongShareProof(
  proof: WrongShareProof,
  keys: { readonly dealerKey: string; readonly witnessKey: string },
  verify?: SignatureVerifier,
): string {
  const { receipt } = proof;
  const dealing = verifySignedDealing(proof.dealing, keys.dealerKey, verify);
  const { context } = dealing;
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
  if (isBeyondReceipt(accused, receipt.streams, dealing.sheet.streams.length)) return receipt.witness;
  refuseRightNode(dealing, receipt.witness, accused, proof.opening);
  return receipt.witness;
}

/** Refuses an opened node that is not the receipt's, or that is the one committed to. */
function refuseRightNode(
  { context, holders, sheet }: CheckedDealing,
  witness: string,
  { depth, position, commitment }: ReceiptEntry,
  opening: WrongShareProof['opening'],
): void {
  const streams = sheet.streams.length;
  const published = sheet.streams[opening?.streamIndex ?? -1]?.entries;
  if (opening === undefined || published === undefined || !holders.includes(witness))
    throw new EkoError('BAD_PROOF', 'The proof opens no share that the sheet gives this witness');
  const { streamIndex } = opening;
  if (!leavesBelow({ depth, position }, streams).includes(streamIndex))
    throw new EkoError('BAD_PROOF', 'The opened node does not lie above the stream');
  const node = treeNode({ depth, position }, decodeBase64Url(opening.node, 32));
  if (!equalBytes(nodeCommitment(context, witness, node), commitment))
    throw new EkoError('BAD_PROOF', 'The opened node is not the one of the receipt');
  const leaf = deriveTreeLeaf([node], streams, streamIndex);
  // In any column: a dealer can sign the same sheet for its holders in another order, and the receipt names the sheet alone.
  const isCommitted = published.some((entry, column) =>
    equalBytes(shareCommitment(context, { holder: witness, column }, leaf), entry.commitment),
  );
  if (isCommitted) throw new EkoError('BAD_PROOF', 'The share was the one committed to');
}
