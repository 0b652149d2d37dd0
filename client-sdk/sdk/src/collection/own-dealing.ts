import { EkoError } from '@eko/protocol';
import {
  decodeCommitmentSheet,
  deriveTreeLeaves,
  hashText,
  isSheetOf,
  openRootEnvelope,
  type CheckedDealing,
  type HpkePrimitives,
  type KeyAgreementKey,
  type TreeLeaf,
} from '@eko/protocol/crypto';
import { type Dealing } from '@eko/protocol/ledger';
import { type EnvelopeDelivery } from '@eko/protocol/rest';
import { dealingContextOf, type CollectionTask } from './collection-task';

/** A dealing as one party holds it: the public sheet, checked against the ledger, and the party's own leaves. */
export interface OwnDealing {
  readonly dealing: Dealing;
  readonly checked: CheckedDealing;
  /** The sheet as it came, for proofs. */
  readonly sheet: Uint8Array;
  /** The party's leaves, one a stream; whoever opened them disposes of them. */
  readonly leaves: readonly TreeLeaf[];
}

/**
 * Opens the party's envelope of one dealing and checks it against the ledger: the envelope's hash, the sheet's hash, and
 * that the sheet has every stream and every holder of the draw. Whether the leaves are those that the dealer committed to
 * is looked at only where a contribution misses its check value.
 *
 * @throws EkoError `ENVELOPE_MISMATCH`, `INVALID_COMMITMENTS`, `BAD_DEALING`, `ENVELOPE_INVALID`; each names the dealer
 */
export function openOwnDealing(
  task: CollectionTask,
  dealing: Dealing,
  delivery: Pick<EnvelopeDelivery, 'envelope' | 'sheet'>,
  key: KeyAgreementKey,
  primitives: HpkePrimitives,
): OwnDealing {
  const { dealer } = dealing;
  const { holders } = task;
  const streams = task.view.bundle.requests.length;
  const envelope = delivery.envelope;
  const sheetBytes = delivery.sheet;
  if (
    hashText(envelope) !== dealing.envelopes[holders.indexOf(task.party)] ||
    hashText(sheetBytes) !== dealing.sheetHash
  )
    throw new EkoError(
      'ENVELOPE_MISMATCH',
      `Dealer ${dealer} handed over another envelope than it recorded`,
      {
        details: { dealer },
      },
    );
  const context = dealingContextOf(task, dealing);
  const sheet = decodeCommitmentSheet(sheetBytes);
  if (!isSheetOf(sheet, { streams, holders: holders.length }))
    throw new EkoError('BAD_DEALING', `The sheet of dealer ${dealer} does not follow the draw`, {
      details: { dealer },
    });
  const root = openRootEnvelope(
    { context, holder: task.party, holderKey: key, sheetHash: dealing.sheetHash, envelope },
    primitives,
  );
  try {
    const leaves = deriveTreeLeaves([root], streams);
    return { dealing, checked: { context, holders, sheet }, sheet: delivery.sheet, leaves };
  } finally {
    root.secret.dispose();
  }
}
