import { STATE_KEYS } from '@eko/protocol/ledger';

/** A ledger state key: a prefix of `STATE_KEYS` and its parts, joined by `/`. */
function stateKey(
  prefix: (typeof STATE_KEYS)[keyof typeof STATE_KEYS],
  ...parts: (string | number)[]
): string {
  return [prefix, ...parts].join('/');
}

/** A node's record. */
export const nodeKey = (nodeId: string) => stateKey(STATE_KEYS.node, nodeId);
/** Which node an identity registered. */
export const identityKey = (identity: string) => stateKey(STATE_KEYS.identity, identity);
/** Which node a public key belongs to; `hash` is the key's SHA-256, base64url. */
export const publicKeyKey = (hash: string) => stateKey(STATE_KEYS.publicKey, hash);
/** The eligible nodes of a role. */
export const rosterKey = (role: string) => stateKey(STATE_KEYS.roster, role);
/** How many nodes of an MSP wait for its administrator. */
export const pendingNodesKey = (mspId: string) => stateKey(STATE_KEYS.pendingNodes, mspId);
/** How many parties an MSP has. */
export const partiesKey = (mspId: string) => stateKey(STATE_KEYS.parties, mspId);
/** When a node last showed itself. */
export const heartbeatKey = (nodeId: string) => stateKey(STATE_KEYS.heartbeat, nodeId);
/** A bundle's request. */
export const bundleKey = (bundleId: string) => stateKey(STATE_KEYS.bundle, bundleId);
/** A place in which a request of an organisation waits for a provider. */
export const openSlotKey = (provider: string, mspId: string, slot: number) =>
  stateKey(STATE_KEYS.open, provider, mspId, slot);
/** The provider's own consent. */
export const acceptanceKey = (bundleId: string) => stateKey(STATE_KEYS.acceptance, bundleId);
/** Who deals a bundle, by fence. */
export const assignmentKey = (bundleId: string, fence: number) =>
  stateKey(STATE_KEYS.assignment, bundleId, fence);
/** Draw and dealings of an epoch. */
export const dealingsKey = (bundleId: string, epoch: number) =>
  stateKey(STATE_KEYS.dealings, bundleId, epoch);
/** Leave to collect once more. */
export const permitKey = (bundleId: string, txId: string) => stateKey(STATE_KEYS.permit, bundleId, txId);
/** The tombstone of a bundle, or of one of its streams. */
export const endKey = (bundleId: string, index?: number) =>
  index === undefined ? stateKey(STATE_KEYS.end, bundleId) : stateKey(STATE_KEYS.end, bundleId, index);
/** The destruction attestations of a transaction. */
export const attestationKey = (txId: string) => stateKey(STATE_KEYS.attestation, txId);

/** Start and end of a range. */
export interface KeyRange {
  readonly start: string;
  readonly end: string;
}

/** `0` is the character after `/`: a range up to it holds every key below the prefix and nothing else. */
const below = (prefix: string): KeyRange => ({ start: `${prefix}/`, end: `${prefix}0` });

/** All node records after one, or from the first. No character of a node ID sorts before `!`. */
export function nodeRange(after?: string): KeyRange {
  const all = below(STATE_KEYS.node);
  return after === undefined ? all : { ...all, start: `${nodeKey(after)}!` };
}

/** The tombstones of a bundle's single streams. */
export const streamEndRange = (bundleId: string) => below(endKey(bundleId));
