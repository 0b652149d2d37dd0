import { EkoError, type SecretBytes } from '@eko/protocol';
import {
  OpenedShares,
  entriesHash,
  receiptHash,
  sealReleaseMessage,
  shareCommitment,
  type DealingContext,
  type HpkePrimitives,
  type ReceiptEntry,
  type ReleaseContext,
  type ReleasedShare,
} from '@eko/protocol/crypto';
import { decodeBase64Url, encodeBase64Url } from '@eko/protocol/encoding';
import { type NodeRecord } from '@eko/protocol/ledger';
import { type ReleaseAnswer, type ReleaseRequest } from '@eko/protocol/rest';
import type { BundleBook } from '@eko/node-kit';
import {
  decideRelease,
  markReleased,
  type ReleaseBounds,
  type ReleaseGrant,
  type ReleaseMoment,
} from '../core/decide-release';
import type { WitnessedBundle } from '../core/witnessed-bundle';
import type { ShareKeeper } from './share-keeper';
import { splitShare } from './kept-share-bytes';
import { shareName } from './share-names';
import type { StoredReceipts } from './stored-receipts';

/** What releasing needs. */
export interface ShareReleasing {
  readonly nodeId: string;
  readonly channel: string;
  readonly primitives: HpkePrimitives;
  readonly book: BundleBook<WitnessedBundle>;
  readonly shares: ShareKeeper;
  readonly receipts: Pick<StoredReceipts, 'append'>;
  readonly bounds: ReleaseBounds;
  /** Now, with the view of the ledger that counts for a party of this organisation. */
  readonly moment: (partyMsp: string) => ReleaseMoment;
  /** Has the witness look at the ledger by itself, where nothing else shows a party of this organisation's view to be new. */
  readonly freshen: (partyMsp: string) => Promise<void>;
  /** How long to wait for the permit's event that a request may run ahead of. */
  readonly eventWaitMs: number;
}

/**
 * Answers one release: decides, reads the shares, writes the receipt durably, seals, and decides once more as the last
 * step before the answer leaves.
 *
 * @throws EkoError those of `decideRelease`
 * @see docs/protocol.md, "4. Release"
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
  // Only who has a permit makes this witness submit anything.
  const permit = book.get(bundleId)?.permits.find(({ txId }) => txId === permitTxId);
  if (permit?.parties.includes(party.nodeId) === true) await releasing.freshen(party.mspId);
  // A permit counts only once its event is durable: after a restart it must not come back unused.
  await book.written();
  const decide = (marked: boolean): ReleaseGrant =>
    decideRelease({
      state: book.get(bundleId),
      request,
      party: party.nodeId,
      moment: moment(party.mspId),
      bounds,
      marked,
    });
  const grant = decide(false);
  const state = book.get(bundleId);
  if (state?.record === undefined)
    throw new EkoError('NO_PERMIT', 'The ledger gives the caller no leave to collect this');
  book.set(bundleId, markReleased(state, permitTxId, party.nodeId, request.streams));

  using read = await readShares(releasing, state, grant);
  const { entries } = read;
  const { receipt, signature } = await releasing.receipts.append({
    channel: releasing.channel,
    witness: releasing.nodeId,
    party: party.nodeId,
    bundleId,
    epoch: request.epoch,
    fence: state.record.fence,
    activationTxId: state.record.txId,
    permitTxId,
    streams: [...request.streams],
    entriesHash: entriesHash(entries),
    atUnixMs: moment(party.mspId).unixMs,
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
}

type CommittedShare = ReleasedShare & ReceiptEntry;

async function readShares(
  releasing: ShareReleasing,
  state: WitnessedBundle,
  grant: ReleaseGrant,
): Promise<OpenedShares<CommittedShare>> {
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
      sheetHash: dealing.sheetHash,
      name: shareName(bundleId, dealing, share.index),
    }));
  });
  const kept = await releasing.shares.get(places.map((place) => place.name));
  try {
    const bytesOf = new Map(kept.map((share) => [share.id, share.bytes]));
    // All of them or none: nothing is copied before the last is known to be there.
    const found = places.map((place) => ({ ...place, bytes: bytesOf.get(place.name) }));
    if (!found.every(isFound)) throw new EkoError('STREAM_ENDED', 'The shares of this stream are destroyed');
    return new OpenedShares(
      found.map(({ index, shareIndex, context, sheetHash, bytes }) => {
        const { dealer, dealingId } = context;
        const entry = { dealer, streamIndex: index, shareIndex, ...splitShare(bytes) };
        return {
          ...entry,
          dealingId,
          sheetHash,
          commitment: shareCommitment(context, releasing.nodeId, entry),
        };
      }),
    );
  } finally {
    for (const { bytes } of kept) bytes.dispose();
  }
}

function isFound<Place extends { readonly bytes: SecretBytes<'share'> | undefined }>(
  place: Place,
): place is Place & { readonly bytes: SecretBytes<'share'> } {
  return place.bytes !== undefined;
}
