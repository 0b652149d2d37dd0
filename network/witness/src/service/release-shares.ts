import { EkoError } from '@eko/protocol';
import {
  OpenedRelease,
  coverOf,
  deriveTreeNodes,
  disposeOfNodes,
  entriesHash,
  leavesBelow,
  receiptEntriesOf,
  receiptHash,
  sealReleaseMessage,
  type DealingContext,
  type HpkePrimitives,
  type ReceiptEntry,
  type ReleaseContext,
  type TreeNode,
} from '@eko/protocol/crypto';
import { decodeBase64Url } from '@eko/protocol/encoding';
import type { NodeRecord } from '@eko/protocol/ledger';
import type { ReleaseAnswer, ReleaseRequest } from '@eko/protocol/rest';
import type { BundleBook, NamedTurns } from '@eko/node-kit';
import {
  decideRelease,
  markReleased,
  type ReleaseBounds,
  type ReleaseGrant,
  type ReleaseMoment,
} from '../core/decide-release';
import { isEnded, type HeldDealing, type WitnessState } from '../core/witness-state';
import { bundleTurn } from './destroy-shares';
import type { ShareStore } from './share-store';
import type { StoredReceipts } from './stored-receipts';

/** What releasing needs. */
export interface ReleaseSharesDeps {
  readonly nodeId: string;
  readonly channel: string;
  readonly primitives: HpkePrimitives;
  readonly book: BundleBook<WitnessState>;
  readonly shares: ShareStore;
  /** Shared with the destruction of shares. */
  readonly turns: NamedTurns;
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
 * Answers one release: decides, computes the nodes that give what the permit covers and no more, writes the receipt durably, seals, and decides once more as the last
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

  using read = await readNodes(deps, bundleId, grant);
  const entries = entriesOf(deps, state, grant.dealings, read);
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
      released: read.released,
    },
    deps.primitives,
  );
  decide(true);
  return { receipt, signature, sealed };
}

/** Of each dealing the fewest nodes that give the streams of the grant. */
async function readNodes(
  { book, shares, turns }: ReleaseSharesDeps,
  bundleId: string,
  grant: ReleaseGrant,
): Promise<OpenedRelease> {
  // Between two steps of a destruction the book speaks for other nodes than the disk has.
  return turns.take(bundleTurn(bundleId), async () => {
    const state = book.get(bundleId);
    // An end may have had its turn since the decision.
    if (state === undefined || grant.streams.some((index) => isEnded(state, index))) throw destroyed();
    const asked = new Set(grant.streams);
    const isAsked = (index: number): boolean => asked.has(index);
    const released: { dealer: string; nodes: readonly TreeNode[] }[] = [];
    try {
      for (const dealing of grant.dealings) {
        const held = state.held.find((present) => present.envelopeHash === dealing.envelopeHash);
        if (held === undefined) throw destroyed();
        const { streams } = state.bundle;
        const above = held.nodes.filter((node) => leavesBelow(node, streams).some(isAsked));
        const kept = await shares.get(bundleId, held, above);
        if (kept === undefined) throw destroyed();
        try {
          const nodes = deriveTreeNodes(kept, coverOf(streams, isAsked));
          released.push({ dealer: dealing.dealer, nodes });
        } finally {
          disposeOfNodes(kept);
        }
      }
      return new OpenedRelease(released);
    } catch (error) {
      for (const { nodes } of released) disposeOfNodes(nodes);
      throw error;
    }
  });
}

function destroyed(): EkoError {
  return new EkoError('STREAM_ENDED', 'The shares of this stream are destroyed');
}

/** What the receipt says of each node, computed from what is sent. */
function entriesOf(
  { channel, nodeId }: ReleaseSharesDeps,
  { bundle: { bundleId, requestTxId, policyHash } }: WitnessState,
  dealings: readonly HeldDealing[],
  { released }: OpenedRelease,
): readonly ReceiptEntry[] {
  return dealings.flatMap(({ epoch, dealer, dealingId, sheetHash }) => {
    const context: DealingContext = { channel, bundleId, epoch, requestTxId, policyHash, dealer, dealingId };
    const nodes = released.find((of) => of.dealer === dealer)?.nodes ?? [];
    return receiptEntriesOf({ context, sheetHash }, nodeId, nodes);
  });
}
