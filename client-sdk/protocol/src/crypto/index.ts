/**
 * Secrets, sharing, envelopes, dealings, releases and the key schedule.
 *
 * @packageDocumentation
 */
export { drawRandom } from '../secret/random-source';
export type { RandomSource } from '../secret/random-source';
export type { Share } from '../sharing/sharing';
export { combineTextShares, exportShareText, parseShareText } from '../sharing/share-text';
export type { TextShare } from '../sharing/share-text';
export {
  combineContribution,
  newContributionShares,
  shareIndexAtColumn,
  shareIndexOf,
  sharingStructureOf,
} from '../sharing/sharing-structure';
export type {
  ContributionShares,
  ShareHolder,
  SharingKind,
  SharingStructure,
} from '../sharing/sharing-structure';
export { ENVELOPE_SUITE } from './suite';
export { holdersOf, dealingStatement } from '../dealing/dealing-statement';
export { abandonmentStatement } from '../dealing/dealing-statement';
export { attestationStatement, newAttestation, verifyAttestation } from '../dealing/attestation';
export { newAbandonedDealingProof, verifyAbandonedDealingProof } from '../dealing/abandoned-dealing-proof';
export { LABELS, STREAM_ALPN, STREAM_EXPORTER_LABEL } from './key-labels';
export type { Label, SignatureLabel } from './key-labels';
export { hashText } from './labelled-hash';
export type { HpkeAead, HpkePrimitives, KeyAgreementKey } from './hpke-primitives';
export { deriveVrfPublicKey, proveVrf, verifyVrf } from './vrf';
export type { ProveVrf, VrfVerifier } from './vrf';
export type { VrfClaim, VrfCommitments, VrfCurve } from './vrf-curve';
export { nobleVrfCurve } from './noble-vrf-curve';
export { POINT_BYTES } from './edwards-point';
export { VrfMemory } from './vrf-memory';
export {
  KEY_BYTES,
  deriveCheckValue,
  deriveConfirmKey,
  deriveEpochKey,
  deriveExportedKey,
  deriveStreamPsk,
} from './key-schedule';
export type { EpochContext } from './key-schedule';
export { isPskIdentity, pskIdentity } from './psk-identity';
export type { StreamDirection } from './psk-identity';
export type { DealingContext } from '../dealing/dealing-context';
export {
  TREE_NODE_BYTES,
  coverOf,
  deriveTreeLeaf,
  deriveTreeLeaves,
  deriveTreeNodes,
  disposeOfLeaves,
  disposeOfNodes,
  isSamePlace,
  leavesBelow,
  treeNode,
  treeRoot,
} from './secret-tree';
export type { TreeLeaf, TreeNode, TreePlace } from './secret-tree';
export { nodeCommitment, shareCommitment, shareCorrection } from '../dealing/leaf-share';
export type { HolderPlace } from '../dealing/leaf-share';
export { decodeCommitmentSheet, encodeCommitmentSheet, isSheetOf } from '../dealing/commitment-sheet';
export type { CommitmentSheet, SheetEntry, SheetStream } from '../dealing/commitment-sheet';
export { shareBySheet, verifyContribution, verifyLeafAgainstSheet } from '../dealing/sheet-checks';
export type { CheckedDealing } from '../dealing/sheet-checks';
export { openRootEnvelope, sealRootEnvelope } from '../dealing/root-envelope';
export { OpenedRelease, openReleaseMessage, sealReleaseMessage } from '../release/release-message';
export type { ReleaseContext, ReleasedNodes } from '../release/release-message';
export { entriesHash, receiptEntriesOf, receiptHash } from '../release/receipt';
export type { ReceiptEntry } from '../release/receipt';
export type { SignatureVerifier } from './ed25519';
export { signRecord, verifyRecordSignature } from './record-signature';
export type { RecordSigner } from './record-signature';
export { deriveKemPrivateKey, proveNodeKeys, tlsPossessionMessage, verifyNodeKeys } from './key-possession';
export type { KeyOwner, NodeSeeds, ProvedKeys } from './key-possession';
export { signedStoreRefusal, verifyStoreRefusal } from '../release/store-refusal';
export type { StoreRefusal } from '../release/store-refusal';
