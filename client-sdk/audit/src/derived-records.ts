import { createHash, X509Certificate } from 'node:crypto';
import {
  type BundleRecord,
  consentDueUnixMs,
  EVENTS,
  type LedgerEvent,
  nodeOf,
  type NodeRecord,
  type OpenSlotRecord,
  RETENTION_MS,
  type Roster,
  type RosterEntry,
  STATE_KEYS,
} from '@eko/protocol/ledger';
import { decodeBase64Url } from '@eko/protocol/encoding';
import { stateKey, type KeyedRecords } from './event-facts';
import { rosterFacts } from './registry-timeline';
import { LIMITS } from '@eko/protocol';
import type { Flaw } from './violation';

/** What no event carries and a transaction writes nevertheless, as it follows from all events up to it. */
export interface DerivedWrites {
  readonly records: KeyedRecords;
  /** Why there is no such transaction, if there is none. */
  readonly broken?: Flaw;
}

interface Parties {
  readonly count: number;
  readonly retiredAtUnixMs: readonly number[];
}

/**
 * The contracts' own counts and indices, kept as they follow from the events: which node an identity and a key belong
 * to, the rosters, how many nodes wait, how many parties there are, and which slots are taken.
 */
export class DerivedRecords {
  readonly #nodes = new Map<string, NodeRecord>();
  readonly #keyOwners = new Map<string, string>();
  readonly #rosters = new Map<string, Roster>();
  readonly #pending = new Map<string, number>();
  readonly #parties = new Map<string, Parties>();
  readonly #slots: OpenSlots;

  /** @param isDecided - whether a bundle has been accepted, or has ended as a whole */
  constructor(isDecided: (bundleId: string) => boolean) {
    this.#slots = new OpenSlots(isDecided);
  }

  /**
   * Takes the next event.
   *
   * @param written - the keys that its transaction writes: which free slot a request waits in, its sender chooses
   */
  next(event: LedgerEvent, nowUnixMs: number, written: readonly string[]): DerivedWrites {
    if (event.name === EVENTS.streamsRequested)
      return this.#slots.take(event.payload.bundle, nowUnixMs, written);
    const node = nodeOf(event);
    return node === undefined ? { records: new Map() } : this.#nextOfNode(event, node, nowUnixMs);
  }

  #nextOfNode(event: LedgerEvent, node: NodeRecord, nowUnixMs: number): DerivedWrites {
    const { nodeId, identity } = node;
    const before = this.#nodes.get(nodeId);
    this.#nodes.set(nodeId, node);
    const records = new Map<string, object>();
    if (event.name === EVENTS.nodeRegistered)
      records.set(stateKey(STATE_KEYS.identity, identity), { nodeId });
    for (const [key, record] of this.#counted(before, node, nowUnixMs)) records.set(key, record);
    if (event.name !== EVENTS.nodeRegistered && event.name !== EVENTS.nodeUpdated) return { records };
    for (const hash of hashesOf(node)) {
      const owner = this.#keyOwners.get(hash);
      if (owner === nodeId) continue;
      if (owner !== undefined)
        return {
          records,
          broken: { rule: 'wrong-node', text: `${nodeId} has a key that belongs to ${owner}` },
        };
      this.#keyOwners.set(hash, nodeId);
      records.set(stateKey(STATE_KEYS.publicKey, hash), { nodeId });
    }
    return { records };
  }

  /** What counts nodes: the roster of their role, those that wait, and parties. */
  #counted(before: NodeRecord | undefined, node: NodeRecord, nowUnixMs: number): readonly [string, object][] {
    const { mspId, role } = node;
    const found: [string, object][] = [];
    const waits = Number(node.status === 'pending') - Number(before?.status === 'pending');
    if (waits !== 0) {
      const count = Math.max(0, (this.#pending.get(mspId) ?? 0) + waits);
      this.#pending.set(mspId, count);
      found.push([stateKey(STATE_KEYS.pendingNodes, mspId), { count }]);
    }
    if (role === 'party') {
      const parties = this.#nextParties(before, node, nowUnixMs);
      if (parties !== undefined) found.push([stateKey(STATE_KEYS.parties, mspId), parties]);
    } else if (rosterFacts(before) !== rosterFacts(node)) {
      const roster = nextRoster(this.#rosters.get(role) ?? { version: 0, entries: [] }, node, nowUnixMs);
      this.#rosters.set(role, roster);
      found.push([stateKey(STATE_KEYS.roster, role), roster]);
    }
    return found;
  }

  #nextParties(before: NodeRecord | undefined, node: NodeRecord, nowUnixMs: number): Parties | undefined {
    const { mspId, status } = node;
    const hasLeft = before !== undefined && status === 'retired';
    if (before !== undefined && !hasLeft) return undefined;
    const { count, retiredAtUnixMs } = this.#parties.get(mspId) ?? { count: 0, retiredAtUnixMs: [] };
    const kept = retiredAtUnixMs.filter((at) => at + RETENTION_MS > nowUnixMs);
    const parties = hasLeft
      ? { count: Math.max(0, count - 1), retiredAtUnixMs: [...kept, nowUnixMs] }
      : { count: count + 1, retiredAtUnixMs: kept };
    this.#parties.set(mspId, parties);
    return parties;
  }
}

/** SHA-256 of each of a node's keys, base64url: of its certificate's, as the certificate has it. */
function hashesOf({ keys: { tls, kem, sign, vrf } }: NodeRecord): readonly string[] {
  const raw = [kem.publicKey, sign, ...(vrf === undefined ? [] : [vrf])].map((key) => decodeBase64Url(key));
  return [...spkiOf(tls), ...raw].map((bytes) => createHash('sha256').update(bytes).digest('base64url'));
}

function spkiOf(certificate: string): readonly Uint8Array[] {
  try {
    return [
      new X509Certificate(decodeBase64Url(certificate)).publicKey.export({ type: 'spki', format: 'der' }),
    ];
  } catch {
    // No node has such a certificate: the contracts refuse it, so that its key is nobody's.
    return [];
  }
}

/** The slots in which requests wait for a provider, one organisation's of each provider. */
class OpenSlots {
  readonly #taken = new Map<string, OpenSlotRecord>();
  readonly #isDecided: (bundleId: string) => boolean;

  /** @param isDecided - whether a bundle has been accepted, or has ended as a whole */
  constructor(isDecided: (bundleId: string) => boolean) {
    this.#isDecided = isDecided;
  }

  /** A request that no offer covers takes a slot that is free, whichever its sender names; another one takes none. */
  take(bundle: BundleRecord, nowUnixMs: number, written: readonly string[]): DerivedWrites {
    if (bundle.offerId !== undefined) return { records: new Map() };
    const { bundleId, policy, initiatorMsp } = bundle;
    const slots = Array.from({ length: LIMITS.openSlots }, (_, slot) =>
      stateKey(STATE_KEYS.open, policy.provider, initiatorMsp, slot),
    );
    const slot = slots.find((key) => written.includes(key));
    if (slot === undefined) return { records: new Map(), broken: flaw(`${bundleId} waits in no slot`) };
    const before = this.#taken.get(slot);
    const record = { bundleId, untilUnixMs: consentDueUnixMs(bundle) + LIMITS.clockSkewMs };
    this.#taken.set(slot, record);
    const records = new Map([[slot, record]]);
    const isFree =
      before === undefined || nowUnixMs >= before.untilUnixMs || this.#isDecided(before.bundleId);
    return isFree
      ? { records }
      : { records, broken: flaw(`${bundleId} takes the slot in which ${before.bundleId} waits`) };
  }
}

const flaw = (text: string): Flaw => ({ rule: 'wrong-request', text });

/**
 * The record of a roster after a node has come into it, has other facts there, or has left it: one version on, with what
 * a draw may still look back to.
 */
function nextRoster(
  { version: before, entries }: Roster,
  { nodeId, mspId, zone, tags, status }: NodeRecord,
  nowUnixMs: number,
): Roster {
  const version = before + 1;
  const kept = entries
    .filter(({ left }) => left === undefined || left.atUnixMs + RETENTION_MS > nowUnixMs)
    .map((entry) =>
      entry.nodeId === nodeId && entry.left === undefined
        ? { ...entry, left: { version, atUnixMs: nowUnixMs } }
        : entry,
    );
  if (status !== 'active') return { version, entries: kept };
  const present: RosterEntry = {
    nodeId,
    mspId,
    ...(zone === undefined ? {} : { zone }),
    ...(tags === undefined ? {} : { tags }),
    since: version,
  };
  const sorted = [...kept, present].sort((a, b) =>
    a.nodeId === b.nodeId ? a.since - b.since : a.nodeId < b.nodeId ? -1 : 1,
  );
  return { version, entries: sorted };
}
