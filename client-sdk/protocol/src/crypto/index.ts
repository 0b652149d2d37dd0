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
export { OpenedShares, SALT_BYTES, SHARE_BYTES } from '../dealing/share-entry';
export type { ShareEntry } from '../dealing/share-entry';
export { shareCommitment } from '../dealing/share-commitment';
export { decodeCommitmentSheet, encodeCommitmentSheet } from '../dealing/commitment-sheet';
export type { CommitmentSheet, SheetEntry, SheetStream } from '../dealing/commitment-sheet';
export {
  sharesOf,
  verifyContribution,
  verifyHolderShares,
  verifyShareAgainstSheet,
} from '../dealing/sheet-checks';
export type { CheckedDealing } from '../dealing/sheet-checks';
export { openShareEnvelope, sealShareEnvelope } from '../dealing/share-envelope';
export { openReleaseMessage, sealReleaseMessage } from '../release/release-message';
export type { ReleaseContext, ReleasedShare } from '../release/release-message';
export { entriesHash, receiptHash } from '../release/receipt';
export type { ReceiptEntry } from '../release/receipt';
export type { SignatureVerifier } from './ed25519';
export { signRecord, verifyRecordSignature } from './record-signature';
export type { RecordSigner } from './record-signature';
export { deriveKemPrivateKey, proveNodeKeys, tlsPossessionMessage, verifyNodeKeys } from './key-possession';
export type { KeyOwner, NodeSeeds, ProvedKeys } from './key-possession';
export { signedStoreRefusal, verifyStoreRefusal } from '../release/store-refusal';
export type { StoreRefusal } from '../release/store-refusal';
