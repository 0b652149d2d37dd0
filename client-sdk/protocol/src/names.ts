/** Every name that crosses a boundary, once. Other files import these; nobody types one a second time. */

/** Version of the protocol; part of every label and record. */
export const PROTOCOL_VERSION = 1;

/** The epoch whose dealings make a stream active; later ones come with re-keying. */
export const FIRST_EPOCH = 1;

/** Transactions of the chaincode, by contract. Each takes one canonical JSON string and answers one. */
export const TRANSACTIONS = {
  registerNode: 'registry:RegisterNode',
  updateNode: 'registry:UpdateNode',
  approveNode: 'registry:ApproveNode',
  rejectNode: 'registry:RejectNode',
  retireNode: 'registry:RetireNode',
  publishOffer: 'registry:PublishOffer',
  withdrawOffer: 'registry:WithdrawOffer',
  heartbeat: 'registry:Heartbeat',
  readNode: 'registry:ReadNode',
  listNodes: 'registry:ListNodes',
  readRoster: 'registry:ReadRoster',
  requestStreams: 'streams:RequestStreams',
  acceptStream: 'streams:AcceptStream',
  declineStream: 'streams:DeclineStream',
  reassignOrchestrators: 'streams:ReassignOrchestrators',
  endStream: 'streams:EndStream',
  revokeStream: 'streams:RevokeStream',
  readBundle: 'streams:ReadBundle',
  readOpenSlots: 'streams:ReadOpenSlots',
  recordDealings: 'dealings:RecordDealings',
  authorizeRelease: 'dealings:AuthorizeRelease',
  attestDestruction: 'dealings:AttestDestruction',
} as const;

/** A transaction's full name. */
export type TransactionName = (typeof TRANSACTIONS)[keyof typeof TRANSACTIONS];

/** Chaincode events: one per transaction, carrying the public record after the change. */
export const EVENTS = {
  nodeRegistered: 'NodeRegistered',
  nodeUpdated: 'NodeUpdated',
  nodeApproved: 'NodeApproved',
  nodeRejected: 'NodeRejected',
  nodeRetired: 'NodeRetired',
  offersChanged: 'OffersChanged',
  heartbeat: 'Heartbeat',
  streamsRequested: 'StreamsRequested',
  streamsAccepted: 'StreamsAccepted',
  orchestratorsReassigned: 'OrchestratorsReassigned',
  dealingsRecorded: 'DealingsRecorded',
  releaseAuthorized: 'ReleaseAuthorized',
  streamsEnded: 'StreamsEnded',
  destructionAttested: 'DestructionAttested',
} as const;

/** A chaincode event's name. */
export type EventName = (typeof EVENTS)[keyof typeof EVENTS];

/** First part of each ledger state key; the parts that follow are joined by `/`. */
export const STATE_KEYS = {
  node: 'node',
  identity: 'identity',
  publicKey: 'key',
  roster: 'roster',
  pendingNodes: 'pending',
  parties: 'parties',
  heartbeat: 'heartbeat',
  bundle: 'bundle',
  open: 'open',
  acceptance: 'acceptance',
  assignment: 'assignment',
  dealings: 'dealings',
  permit: 'permit',
  end: 'end',
  attestation: 'attestation',
} as const;

/**
 * Attributes that Fabric CA writes into a node's certificate, and by which its organisation vouches for what the node
 * says of itself when it registers.
 */
export const CERTIFICATE_ATTRIBUTES = {
  /** Its role: it then needs no administrator's approval. */
  role: 'eko.role',
  /** Its zone. */
  zone: 'eko.zone',
  /** Its tags, between commas. */
  tags: 'eko.tags',
} as const;

/** Routes between nodes (HTTPS, both certificates pinned by the registry). All are POST with a JSON body. */
export const NODE_ROUTES = {
  /** lead → assigned orchestrator: its VRF proof for a bundle. */
  vrfProof: '/v1/vrf-proofs',
  /** lead → assigned orchestrator: deal, deliver, answer the signed dealing. */
  deal: '/v1/dealings',
  /** holder without an endpoint → dealer: its sealed envelope. */
  collectEnvelope: '/v1/envelopes/collect',
  /** dealer → holder: its sealed envelope. */
  deliverEnvelope: '/v1/envelopes',
  /** party → witness: release of shares. */
  release: '/v1/releases',
} as const;

/** The directions of data that a stream can permit, as the initiator sees them. */
export const PERMISSIONS = { read: 'read', write: 'write' } as const;

/** First part of a permission that only the application knows. */
export const APPLICATION_PERMISSION_PREFIX = 'app:';

/** TLS application protocol of a secure stream. */
export const STREAM_ALPN = 'eko/1';

/** TLS exporter label of the confirmations that open a secure stream (RFC 8446 section 7.5). */
export const STREAM_EXPORTER_LABEL = 'EXPORTER-eko-1-confirm';

/** The one envelope suite of this version: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305. */
export const ENVELOPE_SUITE = 'x25519-chacha20poly1305';
