import { X509Certificate, createHash } from 'node:crypto';
import {
  EVENTS,
  RETENTION_MS,
  STATE_KEYS,
  nodeOf,
  type LedgerEvent,
  type NodeRecord,
  type Roster,
} from '@eko/protocol/ledger';
import { decodeBase64Url } from '@eko/protocol/encoding';
import { stateKey, type DerivedWrites } from './announced-records';
import { OpenSlots } from './open-slots';
import { nextRoster } from './roster-record';
import { rosterFacts } from './registry-timeline';

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
