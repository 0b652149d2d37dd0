import {
  EkoError,
  LABELS,
  decodeBase64Url,
  decodeCommitmentSheet,
  openShareEnvelope,
  hashText,
  signRecord,
  verifyHolderShares,
  verifyRecordSignature,
  type DealingContext,
  type EnvelopeAcknowledgement,
  type EnvelopeDelivery,
  type HpkePrimitives,
  type KeyAgreementKey,
  type NodeRecord,
  type RecordSigner,
  type SignatureVerifier,
} from '@eko/protocol';
import type { BundleBook } from '@eko/node-kit';
import { decideDelivery } from '../core/decide-delivery';
import type { HeldDealing, WitnessedBundle } from '../core/witnessed-bundle';
import type { KeptShare, ShareKeeper } from '../ports/share-keeper';
import { joinShare } from './kept-share-bytes';
import { shareName, shareNamesOf } from './share-names';

/** What taking an envelope needs. */
export interface EnvelopeTaking {
  readonly nodeId: string;
  readonly channel: string;
  readonly kem: KeyAgreementKey;
  readonly sign: RecordSigner;
  readonly verify: SignatureVerifier;
  readonly primitives: HpkePrimitives;
  readonly book: BundleBook<WitnessedBundle>;
  readonly shares: ShareKeeper;
  readonly nowUnixMs: () => number;
  /** How long to wait for the ledger event that an envelope may run ahead of. */
  readonly eventWaitMs: number;
}

/**
 * Takes one envelope from its dealer: checks it against ledger and dealing, opens it, checks every share, stores the
 * shares durably, and only then acknowledges. The same envelope again is acknowledged again.
 *
 * @throws EkoError those of `decideDelivery`; `BAD_SIGNATURE`, `ENVELOPE_INVALID`, `BAD_SHARE`, `INVALID_COMMITMENTS`
 * @see protocol.md section 6
 */
export async function takeEnvelope(
  taking: EnvelopeTaking,
  sender: NodeRecord,
  delivery: EnvelopeDelivery,
  signal: AbortSignal,
): Promise<EnvelopeAcknowledgement> {
  const { book, nodeId, channel } = taking;
  const { bundleId, dealing } = delivery;
  const envelope = decodeBase64Url(delivery.envelope);
  const envelopeHash = hashText(envelope);
  await book.until(
    () => (book.get(bundleId)?.assignment.fence ?? -1) >= delivery.fence,
    taking.eventWaitMs,
    signal,
  );
  const decide = (): ReturnType<typeof decideDelivery> =>
    decideDelivery({
      state: book.get(bundleId),
      delivery,
      envelopeHash,
      sender: sender.nodeId,
      nodeId,
      channel,
    });
  const decision = decide();
  if (decision.kind === 'open') {
    const { statement } = decision;
    verifyRecordSignature(
      LABELS.dealingSignature,
      statement,
      dealing.signature,
      sender.keys.sign,
      taking.verify,
    );
    const { requestTxId, policyHash, epoch, dealer, dealingId } = statement;
    const context: DealingContext = { channel, bundleId, epoch, requestTxId, policyHash, dealer, dealingId };
    const kept = openAndCheck(taking, context, envelope, delivery);
    await storeShares(taking, delivery, envelopeHash, kept, decide);
  }
  const acknowledged = { holder: nodeId, bundleId, dealingId: dealing.dealingId, envelopeHash };
  return {
    ...acknowledged,
    signature: signRecord(LABELS.acknowledgementSignature, acknowledged, taking.sign),
  };
}

interface OpenedShare extends KeptShare {
  readonly index: number;
  readonly shareIndex: number;
}

function openAndCheck(
  taking: EnvelopeTaking,
  context: DealingContext,
  envelope: Uint8Array,
  delivery: EnvelopeDelivery,
): readonly OpenedShare[] {
  const sheetBytes = decodeBase64Url(delivery.sheet);
  const { sheetHash } = delivery.dealing;
  if (hashText(sheetBytes) !== sheetHash) {
    throw new EkoError('ENVELOPE_MISMATCH', 'The commitment sheet is not the one that the dealing names');
  }
  const sheet = decodeCommitmentSheet(sheetBytes);
  const { nodeId, kem, primitives } = taking;
  using opened = openShareEnvelope(
    { context, holder: nodeId, holderKey: kem, sheetHash, envelope },
    primitives,
  );
  verifyHolderShares({ context, sheet }, nodeId, opened.entries);
  return opened.entries.map((entry) => ({
    id: shareName(context.bundleId, context, entry.streamIndex),
    bytes: joinShare(entry),
    index: entry.streamIndex,
    shareIndex: entry.shareIndex,
  }));
}

async function storeShares(
  taking: EnvelopeTaking,
  delivery: EnvelopeDelivery,
  envelopeHash: string,
  opened: readonly OpenedShare[],
  decide: () => ReturnType<typeof decideDelivery>,
): Promise<void> {
  const { book, shares } = taking;
  const { bundleId, dealing, epoch, fence } = delivery;
  const held: HeldDealing = {
    dealer: dealing.dealer,
    dealingId: dealing.dealingId,
    epoch,
    fence,
    envelopeHash,
    sheetHash: dealing.sheetHash,
    shares: opened.map(({ index, shareIndex }) => ({ index, shareIndex })),
    storedAtUnixMs: taking.nowUnixMs(),
  };
  try {
    await shares.put(opened);
  } finally {
    for (const { bytes } of opened) bytes.dispose();
  }
  let abandoned: readonly HeldDealing[] = [];
  try {
    // The ledger may have ended or reassigned the bundle while the shares were written.
    const decision = decide();
    if (decision.kind === 'open') {
      ({ abandoned } = decision);
      const state = book.get(bundleId);
      if (state === undefined) throw new EkoError('STREAM_ENDED', 'The bundle has ended');
      const kept = state.held.filter((dealing) => !abandoned.includes(dealing));
      book.set(bundleId, { ...state, held: [...kept, withoutEnded(held, state.ended)] });
    }
  } catch (error) {
    await shares.shred(shareNamesOf(bundleId, held));
    throw error;
  }
  const names = abandoned.flatMap((dealing) => shareNamesOf(bundleId, dealing));
  if (names.length > 0) await shares.shred(names);
  await book.write([bundleId]);
}

function withoutEnded(held: HeldDealing, ended: 'all' | readonly number[]): HeldDealing {
  if (ended === 'all') return { ...held, shares: [] };
  return { ...held, shares: held.shares.filter((share) => !ended.includes(share.index)) };
}
