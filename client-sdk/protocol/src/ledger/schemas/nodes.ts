import { distinctArray } from './distinct-array';
import { type Static, Type } from '@sinclair/typebox';
import { ENVELOPE_SUITE } from '../../crypto/suite';
import { LIMITS } from '../../limits';
import { Offer } from './offers';
import {
  Base64Url,
  Bytes32,
  Bytes64,
  Bytes80,
  Endpoint,
  MspId,
  NodeId,
  ShortText,
  StreamAddress,
  strictObject,
  TransactionId,
  UnixMs,
} from './scalars';

/** The roles of nodes. */
export const NodeRole = Type.Union([
  Type.Literal('orchestrator'),
  Type.Literal('witness'),
  Type.Literal('party'),
]);
export type NodeRole = Static<typeof NodeRole>;

/** The roles that are chosen for a stream, and that need their organisation's approval for it. */
export const ChosenRole = Type.Union([Type.Literal('orchestrator'), Type.Literal('witness')]);
export type ChosenRole = Static<typeof ChosenRole>;

/** Public keys with their proofs of possession, as submitted. @see docs/protocol.md, "The ledger is the directory" */
export const NodeKeysDocument = strictObject({
  /** DER of the self-signed P-256 certificate, and ECDSA with its key: `r` and `s`, 32 bytes each. */
  tls: strictObject({ certificate: Base64Url(LIMITS.certificateBytes), proof: Bytes64 }),
  kem: strictObject({
    suite: Type.Literal(ENVELOPE_SUITE.kem.name),
    publicKey: Bytes32,
    proofKey: Bytes32,
    proof: Bytes64,
  }),
  sign: strictObject({ publicKey: Bytes32, proof: Bytes64 }),
  vrf: Type.Optional(strictObject({ publicKey: Bytes32, proof: Bytes80 })),
});
export type NodeKeysDocument = Static<typeof NodeKeysDocument>;

/** What policies ask of a witness. */
const selectionFacts = {
  zone: Type.Optional(ShortText),
  tags: Type.Optional(distinctArray(ShortText, { maxItems: LIMITS.tags })),
};

const attributes = {
  endpoint: Type.Optional(Endpoint),
  /** Where a provider listens for secure streams. */
  streamAddress: Type.Optional(StreamAddress),
  ...selectionFacts,
};

/** Zone and tags of a node. */
export const SelectionFacts = strictObject(selectionFacts);
export type SelectionFacts = Static<typeof SelectionFacts>;

/** Argument of `RegisterNode`. */
export const RegisterNode = strictObject({
  nodeId: NodeId,
  role: NodeRole,
  keys: NodeKeysDocument,
  ...attributes,
});
export type RegisterNode = Static<typeof RegisterNode>;

/**
 * Argument of `UpdateNode`: the whole new record; `keyEpoch` is the present one and makes it compare-and-set. The
 * signature is by the `sign` key that the node has now, over all the rest: see `nodeUpdateStatement`.
 */
export const UpdateNode = strictObject({
  nodeId: NodeId,
  keyEpoch: Type.Integer({ minimum: 1 }),
  keys: NodeKeysDocument,
  ...attributes,
  signature: Bytes64,
});
export type UpdateNode = Static<typeof UpdateNode>;

/** Argument of `ApproveNode` and `RejectNode`: the record that was looked at, by its key epoch. */
export const NodeVersion = strictObject({ nodeId: NodeId, keyEpoch: Type.Integer({ minimum: 1 }) });
export type NodeVersion = Static<typeof NodeVersion>;

/** Argument of `RetireNode`, `Heartbeat` and `ReadNode`. */
export const NodeReference = strictObject({ nodeId: NodeId });
export type NodeReference = Static<typeof NodeReference>;

/** Argument of `PublishOffer`; an offer with the same `offerId` is replaced. */
export const PublishOffer = strictObject({ nodeId: NodeId, offer: Offer });
export type PublishOffer = Static<typeof PublishOffer>;

/** Argument of `WithdrawOffer`. */
export const WithdrawOffer = strictObject({ nodeId: NodeId, offerId: NodeId });
export type WithdrawOffer = Static<typeof WithdrawOffer>;

/** Argument of `ListNodes`: one page in order of `nodeId`, after the one named. */
export const ListNodes = strictObject({
  after: Type.Optional(NodeId),
  limit: Type.Integer({ minimum: 1, maximum: LIMITS.listPage }),
});
export type ListNodes = Static<typeof ListNodes>;

/** Argument of `ReadRoster`. */
export const ReadRoster = strictObject({ role: ChosenRole });
export type ReadRoster = Static<typeof ReadRoster>;

/**
 * Where a node stands: it waits for its organisation's administrator, takes part, was turned away, or took part once.
 * Nothing follows on the last two.
 */
export const NodeStatus = Type.Union([
  Type.Literal('pending'),
  Type.Literal('active'),
  Type.Literal('rejected'),
  Type.Literal('retired'),
]);
export type NodeStatus = Static<typeof NodeStatus>;

/** What the ledger holds of a node. Keys are base64url; `identity` is the SHA-256 over MSP ID and public key. */
export const NodeRecord = strictObject({
  nodeId: NodeId,
  role: NodeRole,
  mspId: MspId,
  identity: Bytes32,
  status: NodeStatus,
  keyEpoch: Type.Integer({ minimum: 1 }),
  keys: strictObject({
    tls: Base64Url(LIMITS.certificateBytes),
    kem: strictObject({ suite: Type.Literal(ENVELOPE_SUITE.kem.name), publicKey: Bytes32 }),
    sign: Bytes32,
    vrf: Type.Optional(Bytes32),
  }),
  ...attributes,
  /** Zone and tags that wait for the administrator; until then those above count. */
  proposed: Type.Optional(SelectionFacts),
  offers: Type.Array(Offer, { maxItems: LIMITS.offers }),
  txId: TransactionId,
});
export type NodeRecord = Static<typeof NodeRecord>;

/**
 * One line of a roster: what selection needs of a node. `since` is the roster version that brought these facts, `left`
 * the one that took them away: a draw over an older version still counts them, so that nobody can steer a draw, or
 * make it impossible to recompute, by leaving.
 */
export const RosterEntry = strictObject({
  nodeId: NodeId,
  mspId: MspId,
  zone: Type.Optional(ShortText),
  tags: Type.Optional(Type.Array(ShortText)),
  since: Type.Integer({ minimum: 1 }),
  left: Type.Optional(strictObject({ version: Type.Integer({ minimum: 1 }), atUnixMs: UnixMs })),
});
export type RosterEntry = Static<typeof RosterEntry>;

/** The eligible nodes of a role, and those that left lately, sorted by `nodeId`; `version` grows by one with every change. */
export const Roster = strictObject({
  version: Type.Integer({ minimum: 0 }),
  entries: Type.Array(RosterEntry),
});
export type Roster = Static<typeof Roster>;

/** Answer of `ListNodes`; `next` is set where there are more. */
export const NodePage = strictObject({ nodes: Type.Array(NodeRecord), next: Type.Optional(NodeId) });
export type NodePage = Static<typeof NodePage>;

/**
 * What the present `sign` key of a node signs to have its record replaced: the whole new document, its key epoch and the
 * channel. Whoever has only the node's Fabric identity can change nothing.
 * @see docs/protocol.md, "The ledger is the directory"
 */
export const nodeUpdateStatement = (channel: string, update: Omit<UpdateNode, 'signature'>): object => ({
  channel,
  ...update,
});
