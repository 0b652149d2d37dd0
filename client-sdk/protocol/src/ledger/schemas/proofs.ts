import { Type, type Static } from '@sinclair/typebox';
import { LIMITS } from '../../limits';
import { Dealing, DealingStatement } from './dealings';
import {
  Base64Url,
  BundleId,
  Bytes32,
  Bytes64,
  DealingId,
  Epoch,
  Fence,
  NodeId,
  StreamIndex,
  TransactionId,
  strictObject,
} from './scalars';
import { StreamPolicy } from './streams';
import { ReleaseReceipt } from '../../rest/wire';

/** A dealing as its dealer signed it, with the sheet whose hash it signed. */
export const SignedDealing = strictObject({
  channel: Type.String({ minLength: 1, maxLength: 250 }),
  bundleId: BundleId,
  requestTxId: TransactionId,
  policyHash: Bytes32,
  epoch: Epoch,
  fence: Fence,
  holders: Type.Array(NodeId, { minItems: 3, maxItems: 2 + LIMITS.witnesses }),
  dealing: Dealing,
  sheet: Base64Url(LIMITS.sheetBytes),
});
export type SignedDealing = Static<typeof SignedDealing>;

/**
 * Proof against a witness, by its own receipt, which lists what it sent: the place of each node with the node's
 * commitment, of which dealing and by which sheet. Either the accused node is not what the sheet commits to, which the
 * opened node shows for one stream; or it lies above a stream that the receipt does not name, which needs no opening.
 *
 * An opened node is wrong, so that it gives no share of what it is opened for; nor of another stream, unless the witness
 * took a root whose leaves do not hold their commitments, which none does that checks them.
 */
export const WrongShareProof = strictObject({
  kind: Type.Literal('wrong-share'),
  dealing: SignedDealing,
  receipt: ReleaseReceipt,
  signature: Bytes64,
  /** All entries that the receipt speaks of; the accused one is at `accused`. */
  entries: Type.Array(
    strictObject({
      dealer: NodeId,
      dealingId: DealingId,
      sheetHash: Bytes32,
      depth: Type.Integer({ minimum: 0, maximum: 8 }),
      position: Type.Integer({ minimum: 0, maximum: 255 }),
      commitment: Bytes32,
    }),
    { minItems: 1, maxItems: LIMITS.requestsPerBundle * LIMITS.dealers },
  ),
  accused: Type.Integer({ minimum: 0 }),
  opening: Type.Optional(strictObject({ node: Bytes32, streamIndex: StreamIndex })),
});
export type WrongShareProof = Static<typeof WrongShareProof>;

/**
 * Proof that a dealer's shares do not give the contribution it published: leaves that hold their commitments, which with
 * the sheet's corrections are shares, and the check value that their combination misses. The contribution makes no key,
 * so that showing its leaves harms nobody.
 */
export const WrongDealingProof = strictObject({
  kind: Type.Literal('wrong-dealing'),
  dealing: SignedDealing,
  policy: StreamPolicy,
  streamIndex: StreamIndex,
  openings: Type.Array(strictObject({ holder: NodeId, leaf: Bytes32 }), {
    minItems: 2,
    maxItems: LIMITS.witnesses + 2,
  }),
});
export type WrongDealingProof = Static<typeof WrongDealingProof>;

/**
 * Proof that a dealer signed for the ledger a sheet that is none, or that has not a row for each stream and in it a column
 * for each holder. Whoever checks it has the draw from the ledger. No share is published.
 */
export const WrongSheetProof = strictObject({
  kind: Type.Literal('wrong-sheet'),
  dealing: SignedDealing,
  policy: StreamPolicy,
});
export type WrongSheetProof = Static<typeof WrongSheetProof>;

/** A proof that a party comes upon while it collects its keys. */
export type CollectionProof = WrongShareProof | WrongDealingProof | WrongSheetProof;

/**
 * Proof that a dealer signed a dealing for the ledger and also that it abandoned the same dealing, so that witnesses
 * destroyed the shares of streams that became active. An honest dealer signs for the ledger only what is complete, and
 * abandons only what is not.
 */
export const AbandonedDealingProof = strictObject({
  kind: Type.Literal('abandoned-dealing'),
  statement: DealingStatement,
  /** The dealer's, as the ledger records it with the dealing. */
  signature: Bytes64,
  /** The dealer's over the `AbandonmentStatement`. */
  abandonment: Bytes64,
});
export type AbandonedDealingProof = Static<typeof AbandonedDealingProof>;
