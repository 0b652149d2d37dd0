import { EkoError } from '@eko/protocol';
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
import type { NodeRecord } from '@eko/protocol/ledger';
import type { ReleaseAnswer, ReleaseRequest } from '@eko/protocol/rest';
import type { BundleBook } from '@eko/node-kit';
import {
  decideRelease,
  markReleased,
  type ReleaseBounds,
  type ReleaseGrant,
  type ReleaseMoment,
} from '../core/decide-release';
import type { WitnessState } from '../core/witness-state';
import { shareName, type ShareStore } from './share-store';
import type { StoredReceipts } from './stored-receipts';

/** What releasing needs. */
export interface ReleaseSharesDeps {
  readonly nodeId: string;
  readonly channel: string;
  readonly primitives: HpkePrimitives;
  readonly book: BundleBook<WitnessState>;
  readonly shares: ShareStore;
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
  deps: ReleaseSharesDeps,
  party: NodeRecord,
  request: ReleaseRequest,
  signal: AbortSignal,
): Promise<ReleaseAnswer> {
  const { book, moment, bounds } = deps;
  const { bundleId, permitTxId } = request;
  await book.until(
    () => book.get(bundleId)?.permits.some((permit) => permit.txId === permitTxId) ?? false,
    deps.eventWaitMs,
    signal,
  );
  // Only who has a permit makes this witness submit anything.
  const permit = book.get(bundleId)?.permits.find(({ txId }) => txId === permitTxId);
  if (permit?.parties.includes(party.nodeId) === true) await deps.freshen(party.mspId);
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

  using read = await readShares(deps, state, grant);
  const { entries } = read;
  const { receipt, signature } = await deps.receipts.append({
    channel: deps.channel,
    witness: deps.nodeId,
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
    channel: deps.channel,
    bundleId,
    epoch: request.epoch,
    witness: deps.nodeId,
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
    deps.primitives,
  );
  decide(true);
  return { receipt, signature, sealed: encodeBase64Url(sealed) };
}

type CommittedShare = ReleasedShare & ReceiptEntry;

async function readShares(
  deps: ReleaseSharesDeps,
  state: WitnessState,
  grant: ReleaseGrant,
): Promise<OpenedShares<CommittedShare>> {
  const { bundleId, requestTxId, policyHash } = state.bundle;
  const places = grant.dealings.flatMap((dealing) => {
    const { epoch, dealer, dealingId } = dealing;
    const context: DealingContext = {
      channel: deps.channel,
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
  const kept = await deps.shares.get(places.map(({ name }) => name));
  if (kept === undefined) throw new EkoError('STREAM_ENDED', 'The shares of this stream are destroyed');
  return new OpenedShares(
    places.flatMap(({ index, shareIndex, context, sheetHash }, position) => {
      const parts = kept[position];
      if (parts === undefined) return [];
      const { dealer, dealingId } = context;
      const entry = { dealer, streamIndex: index, shareIndex, ...parts };
      const commitment = shareCommitment(context, deps.nodeId, entry);
      return [{ ...entry, dealingId, sheetHash, commitment }];
    }),
  );
}
