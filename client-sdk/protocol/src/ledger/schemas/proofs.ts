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

const shareIndex = Type.Integer({ minimum: 0, maximum: 255 });

/**
 * Proof that a witness released a share that is not the one committed to: its own receipt lists the commitment of what
 * it sent, of which dealing and by which sheet, and that sheet has another one for the same place. No share is published.
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
      streamIndex: StreamIndex,
      shareIndex,
      commitment: Bytes32,
    }),
    { minItems: 1, maxItems: LIMITS.requestsPerBundle * LIMITS.dealers },
  ),
  accused: Type.Integer({ minimum: 0 }),
});
export type WrongShareProof = Static<typeof WrongShareProof>;

/**
 * Proof that a dealer's shares do not give the contribution it published: shares that hold their commitments, and the
 * check value that their combination misses. The contribution makes no key, so that showing its shares harms nobody.
 */
export const WrongDealingProof = strictObject({
  kind: Type.Literal('wrong-dealing'),
  dealing: SignedDealing,
  policy: StreamPolicy,
  streamIndex: StreamIndex,
  openings: Type.Array(strictObject({ holder: NodeId, shareIndex, share: Bytes32, salt: Bytes32 }), {
    minItems: 2,
    maxItems: LIMITS.witnesses + 2,
  }),
});
export type WrongDealingProof = Static<typeof WrongDealingProof>;

/**
 * Proof that a dealer signed for the ledger a sheet that is none, or that gives the shares to others than the draw does.
 * Whoever checks it has the draw from the ledger. No share is published.
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
