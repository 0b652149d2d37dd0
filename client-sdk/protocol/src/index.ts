export { ERROR_CODES, EkoError, isEkoError, isErrorCode } from './errors';
export type { Blame, ErrorCode, ErrorDetails } from './errors';

// Encodings, secrets and sharing
export { compareBytes, concatBytes, equalBytes, lengthPrefixed, uint32Bytes } from './bytes';
export { isWellFormedText, utf8Decode, utf8Encode } from './utf8';
export { ByteReader } from './byte-reader';
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
  TRANSACTIONS,
  EVENTS,
  STATE_KEYS,
  NODE_ROUTES,
  PARTY_ROUTES,
  STREAM_UPGRADE,
  STREAM_ALPN,
  STREAM_EXPORTER_LABEL,
  ENVELOPE_SUITE,
} from './names';
export type { TransactionName, EventName } from './names';
export { LIMITS } from './limits';
export { parseWith, fits } from './schema-check';
export type { Static, TSchema } from '@sinclair/typebox';
export { sha256Text } from './sha256-text';
export type { Static, TSchema } from '@sinclair/typebox';
export { secretKindOf } from './secret-text';
export { formatStreamId, parseStreamId } from './stream-id';
export type { StreamReference } from './stream-id';
export { endOf, streamStateOf } from './stream-state';
export { holdersOf, witnessesOf, dealingStatement } from './dealing-statement';
export { parseEndpoint } from './endpoint';
export type { ParsedEndpoint } from './endpoint';
export {
  NodeRole,
  NodeKeysDocument,
  RegisterNode,
  UpdateNode,
  NodeReference,
  Offer,
  PublishOffer,
  WithdrawOffer,
  ListNodes,
  ReadRoster,
  NodeRecord,
  RosterEntry,
  Roster,
  NodePage,
} from './schemas/nodes';
export {
  WitnessPolicy,
  StreamPolicy,
  StreamRequest,
  RequestStreams,
  BundleReference,
  DeclineStream,
  ReassignOrchestrators,
  EndStream,
  RevokeStream,
  EndReason,
  BundleRecord,
  AcceptanceRecord,
  AssignmentRecord,
  EndRecord,
} from './schemas/streams';
export type { StreamState } from './schemas/streams';
export {
  VrfProof,
  Dealing,
  DealingStatement,
  RecordDealings,
  Selection,
  DealingsRecord,
  AuthorizeRelease,
  PermitRecord,
  Destruction,
  AttestDestruction,
  AttestationRecord,
} from './schemas/dealings';
export type { DestructionStatement } from './schemas/dealings';
export { EVENT_PAYLOADS } from './schemas/events';
export type { LedgerPosition, LedgerEvent } from './schemas/events';
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
  BundleId,
  Bytes32,
  NodeId,
  StreamIndex,
  StreamSelection,
  TransactionId,
  strictObject,
} from './schemas/scalars';
