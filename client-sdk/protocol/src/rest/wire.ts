import { distinctArray } from '../ledger/schemas/distinct-array';
import { Type, type Static } from '@sinclair/typebox';
import { LIMITS } from '../limits';
import { Attestation } from '../ledger/schemas/attestations';
import { Abandonment, DealingContent, VrfProof } from '../ledger/schemas/dealings';
import {
  BundleId,
  Bytes32,
  Bytes64,
  DealingId,
  Epoch,
  Fence,
  NodeId,
  StreamIndex,
  TransactionId,
  UnixMs,
  strictObject,
} from '../ledger/schemas/scalars';
import { RawBytes } from './message-body';

/** Routes between nodes (HTTPS, both certificates pinned by the registry). All are POST; bodies as `encodeMessage` writes them. */
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
  /** holder → lead: its attestation, to be submitted with those of others. */
  gather: '/v1/attestations',
} as const;

/** Body of `NODE_ROUTES.vrfProof`; the answer is a `VrfProof`. */
export const VrfProofRequest = strictObject({ bundleId: BundleId, fence: Fence });
export type VrfProofRequest = Static<typeof VrfProofRequest>;

/** Body of `NODE_ROUTES.deal`; the answer is the `Dealing`, sent once its envelopes are durable and acknowledged. */
export const DealRequest = strictObject({
  bundleId: BundleId,
  epoch: Epoch,
  fence: Fence,
  proofs: Type.Array(VrfProof, { minItems: 1, maxItems: LIMITS.dealers }),
});
export type DealRequest = Static<typeof DealRequest>;

/** Body of `NODE_ROUTES.deliverEnvelope`: one holder's sealed envelope with the public sheet and the dealing. */
export const EnvelopeDelivery = strictObject({
  bundleId: BundleId,
  epoch: Epoch,
  fence: Fence,
  dealing: DealingContent,
  /**
   * Ed25519 over the `DealingStatement`, under the label of deliveries: the ledger does not take it, so that whoever sees
   * a delivery cannot have a dealing recorded that its dealer has not completed.
   */
  signature: Bytes64,
  /** The holders that `dealing.envelopes` follows. */
  holders: Type.Array(NodeId, { minItems: 3, maxItems: 2 + LIMITS.witnesses }),
  envelope: RawBytes(LIMITS.envelopeBytes),
  sheet: RawBytes(LIMITS.sheetBytes),
  /**
   * Earlier dealings of the bundle under this fence that the dealer abandoned: they are never recorded, and what is kept of
   * them goes.
   */
  abandoned: Type.Optional(Type.Array(Abandonment, { maxItems: LIMITS.abandonedDealings })),
});
export type EnvelopeDelivery = Static<typeof EnvelopeDelivery>;

/** Answer to a delivery: the holder has stored every share of this dealing durably, as this sheet has it. */
export const EnvelopeAcknowledgement = strictObject({
  holder: NodeId,
  channel: Type.String(),
  bundleId: BundleId,
  epoch: Epoch,
  fence: Fence,
  dealer: NodeId,
  dealingId: DealingId,
  sheetHash: Bytes32,
  envelopeHash: Bytes32,
  /** Ed25519 over the other fields. */
  signature: Bytes64,
});
export type EnvelopeAcknowledgement = Static<typeof EnvelopeAcknowledgement>;

/** Body of `NODE_ROUTES.collectEnvelope`; the answer is an `EnvelopeDelivery`. */
export const EnvelopeCollection = strictObject({ bundleId: BundleId, epoch: Epoch });
export type EnvelopeCollection = Static<typeof EnvelopeCollection>;

/** Body of `NODE_ROUTES.release`. `permitTxId` is the activation (first collection) or an `AuthorizeRelease`. */
export const ReleaseRequest = strictObject({
  bundleId: BundleId,
  epoch: Epoch,
  streams: distinctArray(StreamIndex, { minItems: 1, maxItems: LIMITS.requestsPerBundle }),
  permitTxId: TransactionId,
});
export type ReleaseRequest = Static<typeof ReleaseRequest>;

/** A witness's word, written to its log before a share leaves. @see docs/protocol.md, "4. Release" */
export const ReleaseReceipt = strictObject({
  channel: Type.String(),
  witness: NodeId,
  party: NodeId,
  bundleId: BundleId,
  epoch: Epoch,
  /** The assignment under which the epoch was dealt, and the transaction that recorded its dealings. */
  fence: Fence,
  activationTxId: TransactionId,
  permitTxId: TransactionId,
  streams: Type.Array(StreamIndex, { minItems: 1 }),
  /** Hash over the entries sent, each with its dealing and the commitment computed from what is sent. */
  entriesHash: Bytes32,
  /** Place in the witness's log, from 1, and the hash of the receipt before; of the first, the log's own name. */
  sequence: Type.Integer({ minimum: 1 }),
  previousHash: Bytes32,
  atUnixMs: UnixMs,
});
export type ReleaseReceipt = Static<typeof ReleaseReceipt>;

/** Answer to a release: the receipt with its signature, and the sealed shares. */
export const ReleaseAnswer = strictObject({
  receipt: ReleaseReceipt,
  signature: Bytes64,
  sealed: RawBytes(LIMITS.releaseBytes),
});
export type ReleaseAnswer = Static<typeof ReleaseAnswer>;

/** Body of `NODE_ROUTES.gather`: the caller's own attestation. */
export const AttestationHandover = strictObject({ attestation: Attestation });
export type AttestationHandover = Static<typeof AttestationHandover>;

/** Answer to it: it is taken, and promises nothing. Its node owes it until the ledger shows it. */
export const AttestationTaken = strictObject({});
