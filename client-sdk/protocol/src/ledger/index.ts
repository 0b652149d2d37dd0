/**
 * What the ledger holds: transactions, events, records, and what follows from them.
 *
 * @packageDocumentation
 */
export {
  EVENTS,
  EVENT_PAYLOADS,
  TRANSACTIONS,
  TRANSACTION_ROWS,
  BUNDLE_EVENTS,
  bundlesOf,
  nodeOf,
  transactionRow,
} from './transactions';
export type {
  ClockSkew,
  EventName,
  EventPayloads,
  LedgerEvent,
  LedgerPosition,
  TransactionArgument,
  TransactionEvent,
  TransactionName,
  TransactionResult,
  TransactionRow,
} from './transactions';
export { STATE_KEYS } from './state-keys';
export { consentDueUnixMs, endOf, lapseOf, setupDueUnixMs, streamEndOf, streamStateOf } from './stream-state';
export type { LapsingRecords } from './stream-state';
export { streamDirectionsOf } from './stream-directions';
export type { StreamDirections } from './stream-directions';
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
export {
  BundleReference,
  AcceptStream,
  DeclineStream,
  ReassignOrchestrators,
  EndStream,
  RevokeStream,
  BundleRecord,
  BundleTerms,
  AcceptanceRecord,
  AssignmentRecord,
  EndRecord,
  Lapse,
  OpenSlotRecord,
  OpenSlots,
  ProviderReference,
} from './schemas/streams';
export {
  FIRST_EPOCH,
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
} from './schemas/dealings';
export type { AbandonmentStatement } from './schemas/dealings';
export {
  AttestDestruction,
  Attestation,
  AttestationRecord,
  Destruction,
  destructionsBy,
} from './schemas/attestations';
export type { AttestedDestruction, DestructionStatement } from './schemas/attestations';
export { Heartbeat, HeartbeatRecord, ReceiptHead } from './schemas/receipt-head';
export { BundleView } from './schemas/queries';
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
export { CERTIFICATE_ATTRIBUTES, readCertificateFacts } from './certificate-facts';
export type { OrganisationRole } from './certificate-facts';
export { identityHash } from './identity-hash';
export { nodeUpdateStatement } from './schemas/nodes';
export { policyHash } from './policy-hash';
export { vrfInput } from '../selection/selection-seed';
export { eligibleWitnesses } from '../selection/eligible-witnesses';
export type { DrawTerms } from '../selection/eligible-witnesses';
export { RETENTION_MS } from '../selection/settled-entries';
export { organisationsAt, settledEntries } from '../selection/settled-entries';
export { matchOffer } from './match-offer';
export { KeptRecord, keptRecord } from './kept-record';
export { recomputeSelection } from '../selection/recompute-selection';
export type { AssignmentTerms } from '../selection/rendezvous';
export { consentInput } from '../selection/assignment-seed';
export { recomputeAssignment } from '../selection/recompute-assignment';
export { bundleTermsOf } from './bundle-terms';
