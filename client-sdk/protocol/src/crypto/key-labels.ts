/** Version of the protocol; part of every label and record. */
export const PROTOCOL_VERSION = 1;

/**
 * Every label of the protocol, once: of derived keys (HKDF info), hashes and signatures. One purpose, one label.
 * @see docs/protocol.md, "5. The key and the stream"
 */
export const LABELS = {
  // Derived keys
  epochKey: 'eko/1 epoch',
  checkValue: 'eko/1 check value',
  streamPsk: 'eko/1 psk',
  streamConfirm: 'eko/1 confirm',
  exportedKey: 'eko/1 exported key',
  // Trees of secrets: what is derived of a node, and of a leaf
  treeLeft: 'eko/1 tree left',
  treeRight: 'eko/1 tree right',
  sharePad: 'eko/1 share pad',
  shareCommitment: 'eko/1 share commitment',
  nodeCommitment: 'eko/1 node commitment',
  // Hashes
  epochSalt: 'eko/1 epoch salt',
  pskIdentityTag: 'eko/1 psk identity',
  dealingContext: 'eko/1 dealing context',
  policyHash: 'eko/1 policy',
  consentInput: 'eko/1 consent input',
  assignmentSeed: 'eko/1 assignment seed',
  vrfInput: 'eko/1 vrf input',
  selectionSeed: 'eko/1 selection seed',
  drawBlock: 'eko/1 draw',
  organisationRank: 'eko/1 organisation rank',
  orchestratorRank: 'eko/1 orchestrator rank',
  releaseEntries: 'eko/1 release entries',
  receiptHash: 'eko/1 receipt',
  // What HPKE binds
  shareEnvelope: 'eko/1 share envelope',
  releaseMessage: 'eko/1 release message',
  // Signatures
  dealingSignature: 'eko/1 dealing signature',
  deliverySignature: 'eko/1 delivery signature',
  abandonmentSignature: 'eko/1 abandonment signature',
  acknowledgementSignature: 'eko/1 envelope acknowledgement signature',
  storeRefusalSignature: 'eko/1 store refusal signature',
  receiptSignature: 'eko/1 receipt signature',
  destructionSignature: 'eko/1 destruction signature',
  nodeUpdateSignature: 'eko/1 node update signature',
  keyPossession: 'eko/1 key possession',
} as const;

/** A label of the table. */
export type Label = (typeof LABELS)[keyof typeof LABELS];

/** The labels that records are signed under. */
export type SignatureLabel = (typeof LABELS)[
  | 'dealingSignature'
  | 'storeRefusalSignature'
  | 'deliverySignature'
  | 'abandonmentSignature'
  | 'acknowledgementSignature'
  | 'receiptSignature'
  | 'destructionSignature'
  | 'nodeUpdateSignature'];

/** TLS application protocol of a secure stream. */
export const STREAM_ALPN = 'eko/1';

/** TLS exporter label of the confirmations that open a secure stream (RFC 8446 section 7.5). */
export const STREAM_EXPORTER_LABEL = 'EXPORTER-eko-1-confirm';
