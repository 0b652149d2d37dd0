import { EkoError } from '@eko/protocol';
import { decodeBase64Url } from '@eko/protocol/encoding';
import {
  decodeCommitmentSheet,
  hashText,
  openShareEnvelope,
  sharesOf,
  verifyHolderShares,
  type CheckedDealing,
  type HpkePrimitives,
  type KeyAgreementKey,
  type OpenedShares,
} from '@eko/protocol/crypto';
import { type Dealing } from '@eko/protocol/ledger';
import { type EnvelopeDelivery } from '@eko/protocol/rest';
import { dealingContextOf, followsDraw, type CollectionTask } from './collection-task';

/** A dealing as one party holds it: the public sheet, checked against the ledger, and the party's own shares. */
export interface OwnDealing {
  readonly dealing: Dealing;
  readonly checked: CheckedDealing;
  /** The sheet as it came, for proofs. */
  readonly sheet: string;
  /** The party's parts, one a stream; whoever opened them disposes of them. */
  readonly own: OpenedShares;
  /** Published commitments by witness and stream. */
  commitmentOf(holder: string, streamIndex: number): PublishedShare | undefined;
}

/** What the sheet says of one share. */
export interface PublishedShare {
  readonly shareIndex: number;
  readonly commitment: Uint8Array;
}

/**
 * Opens the party's envelope of one dealing and checks all of it against the ledger: the envelope's hash, the sheet's
 * hash, that the sheet gives every stream's shares to exactly the holders of the draw, and every share's commitment.
 *
 * @throws EkoError `ENVELOPE_MISMATCH`, `INVALID_COMMITMENTS`, `BAD_DEALING`, `ENVELOPE_INVALID`, `BAD_SHARE`; each
 *   names the dealer
 */
export function openOwnDealing(
  task: CollectionTask,
  dealing: Dealing,
  delivery: Pick<EnvelopeDelivery, 'envelope' | 'sheet'>,
  key: KeyAgreementKey,
  primitives: HpkePrimitives,
): OwnDealing {
  const { dealer } = dealing;
  const envelope = decodeBase64Url(delivery.envelope);
  const sheetBytes = decodeBase64Url(delivery.sheet);
  const position = task.holders.indexOf(task.party);
  if (hashText(envelope) !== dealing.envelopes[position] || hashText(sheetBytes) !== dealing.sheetHash)
    throw new EkoError(
      'ENVELOPE_MISMATCH',
      `Dealer ${dealer} handed over another envelope than it recorded`,
      {
        details: { dealer },
      },
    );
  const checked = { context: dealingContextOf(task, dealing), sheet: decodeCommitmentSheet(sheetBytes) };
  refuseOtherHolders(task, checked);
  const own = openShareEnvelope(
    {
      context: checked.context,
      holder: task.party,
      holderKey: key,
      sheetHash: dealing.sheetHash,
      envelope,
    },
    primitives,
  );
  try {
    verifyHolderShares(checked, task.party, own.entries);
  } catch (error) {
    own.dispose();
    throw error;
  }
  const published = new Map(
    checked.sheet.holders.map((holder) => [
      holder,
      new Map(sharesOf(checked.sheet, holder).map((share) => [share.streamIndex, share])),
    ]),
  );
  return {
    dealing,
    checked,
    sheet: delivery.sheet,
    own,
    commitmentOf: (holder, streamIndex) => published.get(holder)?.get(streamIndex),
  };
}

function refuseOtherHolders(task: CollectionTask, { context, sheet }: CheckedDealing): void {
  const { holders, structure, view } = task;
  if (followsDraw(sheet, { holders, structure, streams: view.bundle.requests.length })) return;
  throw new EkoError('BAD_DEALING', `The sheet of dealer ${context.dealer} does not follow the draw`, {
    details: { dealer: context.dealer },
  });
}
