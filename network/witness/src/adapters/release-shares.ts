import {
  EkoError,
  SecretBytes,
  decodeBase64Url,
  encodeBase64Url,
  entriesHash,
  receiptHash,
  sealReleaseMessage,
  shareCommitment,
  type DealingContext,
  type HpkePrimitives,
  type NodeRecord,
  type ReleaseAnswer,
  type ReleaseContext,
  type ReleaseRequest,
  type ReleasedShare,
} from '@eko/protocol';
import type { BundleBook } from '@eko/node-kit';
import {
  decideRelease,
  markReleased,
  type ReleaseBounds,
  type ReleaseGrant,
  type ReleaseMoment,
} from '../core/decide-release';
import type { WitnessedBundle } from '../core/witnessed-bundle';
import type { ReceiptLog } from '../ports/receipt-log';
import type { ShareKeeper } from '../ports/share-keeper';
import { shareName } from './share-names';

/** What releasing needs. */
export interface ShareReleasing {
  readonly nodeId: string;
  readonly channel: string;
  readonly primitives: HpkePrimitives;
  readonly book: BundleBook<WitnessedBundle>;
  readonly shares: ShareKeeper;
  readonly receipts: ReceiptLog;
  readonly bounds: ReleaseBounds;
  readonly moment: () => ReleaseMoment;
  /** How long to wait for the permit's event that a request may run ahead of. */
  readonly eventWaitMs: number;
}

/** Size of a share in the vault before its salt. */
const SHARE_BYTES = 32;

/**
 * Answers one release: decides, reads the shares, writes the receipt durably, seals, and decides once more as the last
 * step before the answer leaves.
 *
 * @throws EkoError those of `decideRelease`
 * @see protocol.md section 6
 */
export async function releaseShares(
  releasing: ShareReleasing,
  party: NodeRecord,
  request: ReleaseRequest,
  signal: AbortSignal,
): Promise<ReleaseAnswer> {
  const { book, moment, bounds } = releasing;
  const { bundleId, permitTxId } = request;
  await book.until(
    () => book.get(bundleId)?.permits.some((permit) => permit.txId === permitTxId) ?? false,
    releasing.eventWaitMs,
    signal,
  );
  // A permit counts only once its event is durable: after a restart it must not come back unused.
  await book.written();
  const decide = (marked: boolean): ReleaseGrant =>
    decideRelease({
      state: book.get(bundleId),
      request,
      party: party.nodeId,
      moment: moment(),
      bounds,
      marked,
    });
  const grant = decide(false);
  const state = book.get(bundleId);
  if (state === undefined)
    throw new EkoError('NO_PERMIT', 'The ledger gives the caller no leave to collect this');
  book.set(bundleId, markReleased(state, permitTxId, party.nodeId, request.streams));

  const entries = await readShares(releasing, state, grant);
  try {
    const { receipt, signature } = await releasing.receipts.append({
      channel: releasing.channel,
      witness: releasing.nodeId,
      party: party.nodeId,
      bundleId,
      epoch: request.epoch,
      permitTxId,
      streams: [...request.streams],
      entriesHash: entriesHash(entries),
      atUnixMs: moment().unixMs,
    });
    const context: ReleaseContext = {
      channel: releasing.channel,
      bundleId,
      epoch: request.epoch,
      witness: releasing.nodeId,
      party: party.nodeId,
      permitTxId,
    };
    const sealed = sealReleaseMessage(
      {
        context,
        partyPublicKey: decodeBase64Url(party.keys.kem.publicKey),
        receiptHash: receiptHash(receipt),
        entries,
      },
      releasing.primitives,
    );
    decide(true);
    return { receipt, signature, sealed: encodeBase64Url(sealed) };
  } finally {
    for (const { share, salt } of entries) {
      share.dispose();
      salt.dispose();
    }
  }
}

type CommittedShare = ReleasedShare & { readonly commitment: Uint8Array };

async function readShares(
  releasing: ShareReleasing,
  state: WitnessedBundle,
  grant: ReleaseGrant,
): Promise<readonly CommittedShare[]> {
  const { bundleId, requestTxId, policyHash } = state.bundle;
  const places = grant.dealings.flatMap((dealing) => {
    const { epoch, dealer, dealingId } = dealing;
    const context: DealingContext = {
      channel: releasing.channel,
      bundleId,
      epoch,
      requestTxId,
      policyHash,
      dealer,
      dealingId,
    };
    return dealing.shares.map((share) => ({
      ...share,
      context,
      name: shareName(bundleId, dealing, share.index),
    }));
  });
  const kept = await releasing.shares.get(places.map((place) => place.name));
  const bytesOf = new Map(kept.map((share) => [share.id, share.bytes]));
  return places.map(({ index, shareIndex, context, name }) => {
    const bytes = bytesOf.get(name);
    if (bytes === undefined) throw new EkoError('STREAM_ENDED', 'The shares of this stream are destroyed');
    using whole = bytes;
    const entry = {
      dealer: context.dealer,
      streamIndex: index,
      shareIndex,
      share: whole.use((value) => new SecretBytes('share', value.slice(0, SHARE_BYTES))),
      salt: whole.use((value) => new SecretBytes('share salt', value.slice(SHARE_BYTES))),
    };
    return { ...entry, commitment: shareCommitment(context, releasing.nodeId, entry) };
  });
}
