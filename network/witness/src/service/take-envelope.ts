import { EkoError, isEkoError } from '@eko/protocol';
import {
  LABELS,
  abandonmentStatement,
  decodeCommitmentSheet,
  deriveTreeLeaves,
  deriveTreeNodes,
  disposeOfLeaves,
  disposeOfNodes,
  hashText,
  isSheetOf,
  openRootEnvelope,
  signRecord,
  signedStoreRefusal,
  verifyLeafAgainstSheet,
  verifyRecordSignature,
  type DealingContext,
  type HpkePrimitives,
  type KeyAgreementKey,
  type RecordSigner,
  type SignatureVerifier,
  type TreeNode,
} from '@eko/protocol/crypto';
import { type Abandonment, type DealingStatement, type NodeRecord } from '@eko/protocol/ledger';
import { type EnvelopeAcknowledgement, type EnvelopeDelivery } from '@eko/protocol/rest';
import type { BundleBook, NamedTurns } from '@eko/node-kit';
import { withDestroyed, withOwed } from '../core/apply-ledger-event';
import { decideDelivery } from '../core/decide-delivery';
import {
  livingNodes,
  type HeldDealing,
  type KeptAbandonment,
  type WitnessState,
} from '../core/witness-state';
import type { StoreRoom } from '../core/store-room';
import { bundleTurn, dealerTurn, destroyListed, destroyShares } from './destroy-shares';
import type { ShareStore } from './share-store';

/** What the taking of envelopes tells those who watch it. */
export interface EnvelopeObserver {
  /** A dealer delivered two envelopes for one place. */
  conflicted(bundleId: string, dealer: string): void;
}

/** What taking an envelope needs. */
export interface TakeEnvelopeDeps {
  readonly nodeId: string;
  readonly channel: string;
  readonly kem: KeyAgreementKey;
  readonly sign: RecordSigner;
  readonly verify: SignatureVerifier;
  readonly primitives: HpkePrimitives;
  readonly book: BundleBook<WitnessState>;
  readonly shares: ShareStore;
  readonly room: StoreRoom;
  /** By dealer and bundle, shared with whoever else changes what is stored of them. */
  readonly turns: NamedTurns;
  readonly nowUnixMs: () => number;
  /** How long to wait for the ledger event that an envelope may run ahead of. */
  readonly eventWaitMs: number;
  readonly observer: EnvelopeObserver;
}

/**
 * Takes one envelope from its dealer: checks it against ledger and dealing, opens it, checks every leaf of its root,
 * stores what gives those that live durably, and only then acknowledges. The same envelope again is acknowledged again. What the dealer signed as
 * abandoned is destroyed, and its signed word kept.
 *
 * @throws EkoError those of `decideDelivery`; `BAD_SIGNATURE`, with the dealing where it is of one abandoned;
 *   `ENVELOPE_INVALID`, `BAD_SHARE`, `INVALID_COMMITMENTS`; `STORE_FULL`, signed
 * @see docs/protocol.md, "3. Dealing"
 */
export async function takeEnvelope(
  deps: TakeEnvelopeDeps,
  sender: NodeRecord,
  delivery: EnvelopeDelivery,
  signal: AbortSignal,
): Promise<EnvelopeAcknowledgement> {
  const { book, nodeId, turns } = deps;
  const { bundleId, dealing } = delivery;
  const envelope = delivery.envelope;
  const envelopeHash = hashText(envelope);
  await book.until(
    () => (book.get(bundleId)?.assignment.fence ?? -1) >= delivery.fence,
    deps.eventWaitMs,
    signal,
  );
  // From the first decision to the last write nothing else changes what is stored of this dealer's dealings: the names of
  // nodes keep two envelopes apart, but one envelope that comes again, while its nodes of before go, has the same names.
  try {
    await turns.take(dealerTurn(bundleId, sender.nodeId), () =>
      openAndStore(deps, sender, delivery, { bytes: envelope, hash: envelopeHash }),
    );
  } catch (error) {
    if (!isEkoError(error, 'STORE_FULL')) throw error;
    const { dealingId } = dealing;
    throw signedStoreRefusal(
      { channel: deps.channel, witness: nodeId, bundleId, dealingId, atUnixMs: deps.nowUnixMs() },
      deps.sign,
    );
  }
  const { dealer, dealingId, sheetHash } = dealing;
  const { epoch, fence } = delivery;
  const acknowledged = {
    holder: nodeId,
    channel: deps.channel,
    bundleId,
    epoch,
    fence,
    dealer,
    dealingId,
    sheetHash,
    envelopeHash,
  };
  return {
    ...acknowledged,
    signature: signRecord(LABELS.acknowledgementSignature, acknowledged, deps.sign),
  };
}

interface DeliveredEnvelope {
  readonly bytes: Uint8Array;
  /** Base64url SHA-256. */
  readonly hash: string;
}

async function openAndStore(
  deps: TakeEnvelopeDeps,
  sender: NodeRecord,
  delivery: EnvelopeDelivery,
  envelope: DeliveredEnvelope,
): Promise<void> {
  const { book, nodeId, channel, observer } = deps;
  const { bundleId } = delivery;
  const decide = (): ReturnType<typeof decideDelivery> => {
    try {
      return decideDelivery({
        state: book.get(bundleId),
        delivery,
        envelopeHash: envelope.hash,
        sender: sender.nodeId,
        nodeId,
        channel,
      });
    } catch (error) {
      if (isEkoError(error, 'ENVELOPE_CONFLICT')) observer.conflicted(bundleId, sender.nodeId);
      throw error;
    }
  };
  const decision = decide();
  if (decision.kind === 'held') {
    // Another call may still be writing what this one acknowledges.
    await book.written();
    return;
  }
  const { statement } = decision;
  verifyRecordSignature(
    LABELS.deliverySignature,
    statement,
    delivery.signature,
    sender.keys.sign,
    deps.verify,
  );
  for (const abandonment of decision.abandonments)
    verifyAbandonment(statement, abandonment, sender.keys.sign, deps.verify);
  const { requestTxId, policyHash, epoch, dealer, dealingId } = statement;
  const context: DealingContext = { channel, bundleId, epoch, requestTxId, policyHash, dealer, dealingId };
  const kept = deps.room.keepFor(requireState(book.get(bundleId)).bundle);
  try {
    const root = openAndCheck(deps, context, envelope, delivery);
    await storeShares({
      deps,
      delivery,
      envelopeHash: envelope.hash,
      signKey: sender.keys.sign,
      root,
      decide,
    });
  } finally {
    kept[Symbol.dispose]();
  }
}

function requireState(state: WitnessState | undefined): WitnessState {
  if (state === undefined) throw new EkoError('STREAM_ENDED', 'The bundle has ended');
  return state;
}

function verifyAbandonment(
  delivered: DealingStatement,
  { dealingId, signature }: Abandonment,
  signKey: string,
  verify: SignatureVerifier,
): void {
  try {
    const statement = abandonmentStatement({ ...delivered, dealingId });
    verifyRecordSignature(LABELS.abandonmentSignature, statement, signature, signKey, verify);
  } catch (error) {
    if (!isEkoError(error)) throw error;
    throw new EkoError(
      error.code,
      `The statement that dealing ${dealingId} was given up is not signed by its dealer for this bundle and fence`,
      { details: { dealer: delivered.dealer, dealingId }, cause: error },
    );
  }
}

function openAndCheck(
  deps: TakeEnvelopeDeps,
  context: DealingContext,
  envelope: DeliveredEnvelope,
  delivery: EnvelopeDelivery,
): TreeNode {
  const { book, nodeId, kem, primitives } = deps;
  const { bundleId, dealing, holders } = delivery;
  const sheetBytes = delivery.sheet;
  const { sheetHash } = dealing;
  if (hashText(sheetBytes) !== sheetHash) {
    throw new EkoError('ENVELOPE_MISMATCH', 'The commitment sheet is not the one that the dealing names');
  }
  const sheet = decodeCommitmentSheet(sheetBytes);
  const { streams } = requireState(book.get(bundleId)).bundle;
  // How deep the tree is follows from the sheet: by another one, these nodes would give other leaves.
  if (!isSheetOf(sheet, { streams, holders: holders.length }))
    throw new EkoError('INVALID_COMMITMENTS', 'The commitment sheet has not each stream and each holder');
  const root = openRootEnvelope(
    { context, holder: nodeId, holderKey: kem, sheetHash, envelope: envelope.bytes },
    primitives,
  );
  const leaves = deriveTreeLeaves([root], streams);
  try {
    for (const leaf of leaves) verifyLeafAgainstSheet({ context, holders, sheet }, nodeId, leaf);
    return root;
  } catch (error) {
    disposeOfNodes([root]);
    throw error;
  } finally {
    disposeOfLeaves(leaves);
  }
}

interface Storing {
  readonly deps: TakeEnvelopeDeps;
  readonly delivery: EnvelopeDelivery;
  readonly envelopeHash: string;
  readonly signKey: string;
  /** Disposed of by `storeShares`. */
  readonly root: TreeNode;
  readonly decide: () => ReturnType<typeof decideDelivery>;
}

async function storeShares(storing: Storing): Promise<void> {
  const { deps, delivery, root } = storing;
  const { book, turns } = deps;
  const { bundleId } = delivery;
  try {
    await turns.take(bundleTurn(bundleId), () => storeInTurn(storing));
  } finally {
    disposeOfNodes([root]);
  }
  // What the dealer abandoned goes, after its word is on the disk, and so do streams that ended during the writing.
  await destroyShares(deps, bundleId);
  await book.write([bundleId]);
}

/** Stores what gives the streams that live, and has the book speak for it instead of what the dealer abandoned. */
async function storeInTurn(storing: Storing): Promise<void> {
  const { deps, delivery, signKey, decide } = storing;
  const { book } = deps;
  const { bundleId } = delivery;
  // What is listed may have the names of what is stored now.
  await destroyListed(deps, bundleId);
  const held = await storeNodes(storing);
  try {
    // The ledger may have ended or reassigned the bundle while the shares were written.
    const decision = decide();
    const state = withDestroyed(requireState(book.get(bundleId)), [held]);
    if (decision.kind === 'held') {
      book.set(bundleId, state);
      return;
    }
    const { abandoned, abandonments } = decision;
    const given = abandonments.map((abandonment): KeptAbandonment => ({
      ...abandonment,
      dealer: held.dealer,
      signKey,
    }));
    const kept = state.held.filter((dealing) => !abandoned.includes(dealing));
    book.set(bundleId, {
      ...state,
      held: [...kept, held],
      toDestroy: [...state.toDestroy, ...abandoned],
      abandoned: [...state.abandoned, ...given],
    });
  } catch (error) {
    await destroyListed(deps, bundleId);
    throw error;
  }
}

/** Writes the nodes, listed as to be destroyed until the book speaks for them: a write that fails may leave some of them. */
async function storeNodes({ deps, delivery, envelopeHash, root }: Storing): Promise<HeldDealing> {
  const { book, shares, nodeId } = deps;
  const { bundleId, dealing, epoch, fence, holders } = delivery;
  const state = requireState(book.get(bundleId));
  const stored: HeldDealing = {
    dealer: dealing.dealer,
    dealingId: dealing.dealingId,
    epoch,
    fence,
    envelopeHash,
    sheetHash: dealing.sheetHash,
    column: holders.indexOf(nodeId, 2),
    nodes: livingNodes(state),
    storedAtUnixMs: deps.nowUnixMs(),
  };
  const nodes = deriveTreeNodes([root], stored.nodes);
  book.amend(bundleId, { ...state, toDestroy: [...state.toDestroy, stored] });
  try {
    await shares.put(bundleId, stored, nodes);
  } finally {
    disposeOfNodes(nodes);
    const later = book.get(bundleId);
    if (later !== undefined) book.set(bundleId, withOwed(later, stored, nodeId));
  }
  return stored;
}
