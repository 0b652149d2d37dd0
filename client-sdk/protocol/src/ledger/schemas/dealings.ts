import { Type, type Static } from '@sinclair/typebox';
import { ENVELOPE_SUITE } from '../../crypto/suite';
import { LIMITS } from '../../limits';
import {
  BundleId,
  Bytes32,
  Bytes64,
  Bytes80,
  DealingId,
  Epoch,
  Fence,
  NodeId,
  StreamSelection,
  TransactionId,
  UnixMs,
  strictObject,
} from './scalars';

/** The epoch whose dealings make a stream active; later ones come with re-keying. */
export const FIRST_EPOCH = 1;

/** One orchestrator's proof for the draw. */
export const VrfProof = strictObject({ orchestrator: NodeId, proof: Bytes80 });
export type VrfProof = Static<typeof VrfProof>;

const dealingContent = {
  dealer: NodeId,
  dealingId: DealingId,
  suite: Type.Literal(ENVELOPE_SUITE.name),
  sheetHash: Bytes32,
  envelopes: Type.Array(Bytes32, { minItems: 3, maxItems: 2 + LIMITS.witnesses }),
};

/**
 * One dealer's dealing without the signature that lets it be recorded. `envelopes` holds the SHA-256 of each sealed
 * envelope in the order of the bundle's holders: initiator, provider, then the drawn witnesses in draw order.
 */
export const DealingContent = strictObject(dealingContent);
export type DealingContent = Static<typeof DealingContent>;

/** One dealer's dealing as it is recorded. A dealer signs it once its envelopes are stored, and not before. */
export const Dealing = strictObject({
  ...dealingContent,
  /** Ed25519 over the `DealingStatement`. */
  signature: Bytes64,
});
export type Dealing = Static<typeof Dealing>;

/** What a dealer signs, for delivery and for the ledger: its dealing bound to the bundle, epoch and fence. */
export const DealingStatement = strictObject({
  channel: Type.String(),
  bundleId: BundleId,
  epoch: Epoch,
  fence: Fence,
  requestTxId: TransactionId,
  policyHash: Bytes32,
  dealer: NodeId,
  dealingId: DealingId,
  suite: Type.Literal(ENVELOPE_SUITE.name),
  sheetHash: Bytes32,
  holders: Type.Array(NodeId),
  envelopes: Type.Array(Bytes32),
});
export type DealingStatement = Static<typeof DealingStatement>;

/** What a dealer signs when it abandons a dealing. One that it has signed for the ledger it never abandons. */
export type AbandonmentStatement = Pick<
  DealingStatement,
  'channel' | 'bundleId' | 'epoch' | 'fence' | 'requestTxId' | 'dealer' | 'dealingId'
>;

/** A dealer's word that it abandoned a dealing, as it goes with its next delivery of the bundle and assignment. */
export const Abandonment = strictObject({
  dealingId: DealingId,
  /** Ed25519 over the `AbandonmentStatement`. */
  signature: Bytes64,
});
export type Abandonment = Static<typeof Abandonment>;

/** Argument of `RecordDealings`: all dealers of the bundle at once. */
export const RecordDealings = strictObject({
  bundleId: BundleId,
  epoch: Epoch,
  fence: Fence,
  proofs: Type.Array(VrfProof, { minItems: 1, maxItems: LIMITS.dealers }),
  dealings: Type.Array(Dealing, { minItems: 1, maxItems: LIMITS.dealers }),
});
export type RecordDealings = Static<typeof RecordDealings>;

/** The draw of a bundle: its witnesses serve all its streams. */
export const Selection = strictObject({
  seed: Bytes32,
  /** In draw order; a witness's place here is its place in the sharing of every stream. */
  witnesses: Type.Array(NodeId, { minItems: 1, maxItems: LIMITS.witnesses }),
});
export type Selection = Static<typeof Selection>;

/** Draw and dealings of one epoch; written once. With it, the bundle's streams are active. */
export const DealingsRecord = strictObject({
  bundleId: BundleId,
  epoch: Epoch,
  fence: Fence,
  proofs: Type.Array(VrfProof),
  selection: Selection,
  dealings: Type.Array(Dealing),
  by: NodeId,
  txId: TransactionId,
  atUnixMs: UnixMs,
});
export type DealingsRecord = Static<typeof DealingsRecord>;

/** Argument of `AuthorizeRelease`. */
export const AuthorizeRelease = strictObject({ bundleId: BundleId, epoch: Epoch, streams: StreamSelection });
export type AuthorizeRelease = Static<typeof AuthorizeRelease>;

/** Leave for `party` to collect once more; written once. */
export const PermitRecord = strictObject({
  bundleId: BundleId,
  epoch: Epoch,
  streams: StreamSelection,
  party: NodeId,
  txId: TransactionId,
  atUnixMs: UnixMs,
});
export type PermitRecord = Static<typeof PermitRecord>;
