export { ERROR_CODES, EkoError, isEkoError, isErrorCode } from './errors';
export type { Blame, ErrorCode, ErrorDetails } from './errors';
export { PROBLEM_MEDIA_TYPE, decodeProblem, encodeProblem } from './problem';
export type { Problem } from './problem';

// Encodings, secrets and sharing
export { compareBytes, concatBytes, equalBytes, lengthPrefixed, uint16Bytes, uint32Bytes } from './bytes';
export { isWellFormedText, utf8Decode, utf8Encode } from './utf8';
export { BoundedMap } from './bounded-map';
export { ByteReader } from './byte-reader';
export { END_FRAME, END_READ_FRAME, FrameReader, encodeFrameHead } from './data-frames';
export { decodeHex, encodeHex } from './hex';
export { decodeBase64Url, encodeBase64Url } from './base64url';
export type { JsonLimits } from './json-limits';
export { encodeCanonicalJson, parseCanonicalJson } from './canonical-json';
export { parseStrictJson } from './strict-json';
export { SecretBytes } from './secret-bytes';
export { drawRandom } from './random-source';
export type { RandomSource } from './random-source';
export { combineShares, splitSecret } from './sharing';
export type { Share } from './sharing';
export { combineTextShares, exportShareText, parseShareText } from './share-text';
export type { TextShare } from './share-text';
export {
  combineContribution,
  newContributionShares,
  shareIndexOf,
  sharingStructureOf,
} from './sharing-structure';
export type { ContributionShares, ShareHolder, SharingKind, SharingStructure } from './sharing-structure';

// Names, schemas and derivations
export {
  PROTOCOL_VERSION,
  FIRST_EPOCH,
  TRANSACTIONS,
  EVENTS,
  STATE_KEYS,
  CERTIFICATE_ATTRIBUTES,
  NODE_ROUTES,
  PARTY_ROUTES,
  PERMISSIONS,
  APPLICATION_PERMISSION_PREFIX,
  STREAM_UPGRADE,
  TRANSFER_HEADERS,
  STREAM_ALPN,
  STREAM_EXPORTER_LABEL,
  ENVELOPE_SUITE,
} from './names';
export type { TransactionName, EventName } from './names';
export { LIMITS } from './limits';
export { fits, parseWith, propertiesOf, requiredOf } from './schema-check';
export { Type } from '@sinclair/typebox';
export type { Static, TObject, TSchema } from '@sinclair/typebox';
export { secretKindOf, secretKindOfAll, secretKindOfHost } from './secret-text';
export { formatStreamId, parseStreamId } from './stream-id';
export type { StreamReference } from './stream-id';
export { endOf, streamEndOf, streamStateOf } from './stream-state';
export { consentDueUnixMs, lapseOf, setupDueUnixMs } from './lapse';
export type { LapsingRecords } from './lapse';
export { streamDirectionsOf } from './stream-directions';
export type { StreamDirections } from './stream-directions';
export { holdersOf, witnessesOf, dealingStatement } from './dealing-statement';
export { abandonmentStatement } from './abandonment-statement';
export { newAbandonedDealingProof, verifyAbandonedDealingProof } from './abandoned-dealing-proof';
export { parseEndpoint, parseStreamAddress } from './endpoint';
export type { ParsedEndpoint } from './endpoint';
export {
  ChosenRole,
  NodeRole,
  NodeStatus,
  NodeVersion,
  SelectionFacts,
  NodeKeysDocument,
  RegisterNode,
  UpdateNode,
  NodeReference,
  PublishOffer,
  WithdrawOffer,
  ListNodes,
  ReadRoster,
  NodeRecord,
  RosterEntry,
  Roster,
  NodePage,
} from './schemas/nodes';
export { Offer } from './schemas/offers';
export {
  WitnessPolicy,
  StreamPolicy,
  StreamRequest,
  RequestStreams,
  BundleReference,
  AcceptStream,
  DeclineStream,
  ReassignOrchestrators,
  EndStream,
  RevokeStream,
  EndReason,
  BundleRecord,
  BundleTerms,
  AcceptanceRecord,
  AssignmentRecord,
  EndRecord,
  Lapse,
  OpenSlotRecord,
  OpenSlots,
  ProviderReference,
  StreamEnd,
} from './schemas/streams';
export type { StreamState } from './schemas/streams';
export {
  VrfProof,
  Dealing,
  DealingContent,
  DealingStatement,
  Abandonment,
  RecordDealings,
  Selection,
  DealingsRecord,
  AuthorizeRelease,
  PermitRecord,
  Destruction,
  AttestDestruction,
  AttestationRecord,
} from './schemas/dealings';
export type { AbandonmentStatement, DestructionStatement } from './schemas/dealings';
export { Heartbeat, HeartbeatRecord, ReceiptHead } from './schemas/receipt-head';
export { EVENT_PAYLOADS } from './schemas/events';
export type { LedgerPosition, LedgerEvent } from './schemas/events';
export { bundlesOf } from './bundles-of';
export { nodeOf } from './node-of';
export { BundleView } from './schemas/queries';
export {
  VrfProofRequest,
  DealRequest,
  EnvelopeDelivery,
  EnvelopeAcknowledgement,
  EnvelopeCollection,
  ReleaseRequest,
  ReleaseReceipt,
  ReleaseAnswer,
} from './schemas/wire';
export {
  AbandonedDealingProof,
  SignedDealing,
  WrongDealingProof,
  WrongShareProof,
  WrongSheetProof,
} from './schemas/proofs';
export type { CollectionProof } from './schemas/proofs';
export {
  BundleId,
  Bytes32,
  Bytes64,
  MspId,
  NodeId,
  Note,
  ShortText,
  StreamIndex,
  StreamSelection,
  TransactionId,
  strictObject,
} from './schemas/scalars';

// Keys, envelopes, signatures and selection
export { LABELS } from './key-labels';
export type { Label, SignatureLabel } from './key-labels';
export { hashText } from './labelled-hash';
export { openHpke, sealHpke, newHpkeRecipient, newHpkeSender } from './hpke';
export type { HpkeRecipient, HpkeSender } from './hpke';
export type { HpkeAead, HpkePrimitives, KeyAgreementKey } from './hpke-primitives';
export { VRF_OUTPUT_BYTES, VRF_PROOF_BYTES, deriveVrfPublicKey, proveVrf, verifyVrf } from './vrf';
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
  pskIdentity,
} from './key-schedule';
export type { EpochContext, StreamDirection } from './key-schedule';
export { dealingContextHash } from './dealing-context';
export type { DealingContext } from './dealing-context';
export { OpenedShares, SALT_BYTES, SHARE_BYTES } from './share-entry';
export type { ShareEntry } from './share-entry';
export { shareCommitment } from './share-commitment';
export { decodeCommitmentSheet, encodeCommitmentSheet } from './commitment-sheet';
export type { CommitmentSheet, SheetEntry, SheetStream } from './commitment-sheet';
export { sharesOf, verifyContribution, verifyHolderShares, verifyShareAgainstSheet } from './sheet-checks';
export type { CheckedDealing } from './sheet-checks';
export { openShareEnvelope, sealShareEnvelope } from './share-envelope';
export { openReleaseMessage, sealReleaseMessage } from './release-message';
export type { ReleaseContext, ReleasedShare } from './release-message';
export { NO_PREVIOUS_RECEIPT, entriesHash, receiptHash } from './receipt';
export type { ReceiptEntry } from './receipt';
export { verifyEd25519 } from './ed25519';
export type { SignatureVerifier } from './ed25519';
export { signRecord, verifyRecordSignature } from './record-signature';
export type { RecordSigner } from './record-signature';
export { readCertificateFacts } from './certificate-facts';
export type { OrganisationRole } from './certificate-facts';
export { identityHash } from './identity-hash';
export { deriveKemPrivateKey, proveNodeKeys, tlsPossessionMessage, verifyNodeKeys } from './key-possession';
export { nodeUpdateStatement } from './node-update-statement';
export type { KeyOwner, NodeSeeds, ProvedKeys } from './key-possession';
export { policyHash } from './policy-hash';
export { selectionSeed, vrfInput } from './selection-seed';
export type { VrfOutput } from './selection-seed';
export { eligibleWitnesses } from './eligible-witnesses';
export type { DrawTerms } from './eligible-witnesses';
export { RETENTION_MS } from './retention';
export { organisationsAt, settledEntries } from './settled-entries';
export { drawSelection, drawWitnesses } from './draw';
export type { DrawSize } from './draw';
export { uniformBelow } from './uniform';
export { matchOffer } from './match-offer';
export { OFFER_DEFAULTS, POLICY_DEFAULTS } from './policy-defaults';
export { recomputeSelection } from './recompute-selection';
export { assignOrchestrators } from './rendezvous';
export type { AssignmentCandidate, AssignmentTerms } from './rendezvous';
export { assignmentSeed, consentInput, recomputeAssignmentSeed } from './assignment-seed';
export type { RequestName } from './assignment-seed';
export { recomputeAssignment } from './recompute-assignment';
export { bundleTermsOf } from './bundle-terms';
export { signedStoreRefusal, verifyStoreRefusal } from './store-refusal';
export type { StoreRefusal } from './store-refusal';
