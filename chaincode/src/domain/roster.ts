import { EkoError, LIMITS } from '@eko/protocol';
import {
  type ChosenRole,
  type NodeRecord,
  type NodeRole,
  RETENTION_MS,
  type Roster,
  type RosterEntry,
  type SelectionFacts,
} from '@eko/protocol/ledger';
import type { Work } from './ledger-port';
import { readRoster } from './records';
import { rosterKey } from './state-keys';

/**
 * The roster with a node's present facts in it, one version on. Its former facts stay for draws over older versions.
 * @throws EkoError `BAD_STATE` if the node has changed too often lately; `ROSTER_FULL`
 */
export function withNode(roster: Roster, node: NodeRecord, nowUnixMs: number): Roster {
  const { nodeId, mspId, zone, tags } = node;
  const { version, entries } = withoutNode(roster, nodeId, nowUnixMs);
  requirePlace({ version, entries }, node);
  if (entries.filter((entry) => entry.nodeId === nodeId).length > LIMITS.selectionChanges)
    throw new EkoError(
      'BAD_STATE',
      `Node ${nodeId} has changed too often lately: change it again in some days`,
      {
        details: { nodeId, limit: LIMITS.selectionChanges },
      },
    );
  const entry: RosterEntry = {
    nodeId,
    mspId,
    ...(zone === undefined ? {} : { zone }),
    ...(tags === undefined ? {} : { tags }),
    since: version,
  };
  return { version, entries: [...entries, entry].sort(byNodeThenVersion) };
}

/** The roster without a node, one version on. */
export function withoutNode(roster: Roster, nodeId: string, nowUnixMs: number): Roster {
  const version = roster.version + 1;
  const entries = roster.entries
    .filter(({ left }) => left === undefined || left.atUnixMs + RETENTION_MS > nowUnixMs)
    .map((entry) =>
      entry.nodeId === nodeId && entry.left === undefined
        ? { ...entry, left: { version, atUnixMs: nowUnixMs } }
        : entry,
    );
  return { version, entries };
}

/** The nodes that are in the roster now. */
export function presentEntries(roster: Roster): readonly RosterEntry[] {
  return roster.entries.filter(({ left }) => left === undefined);
}

/** Tells whether nodes of a role are chosen for streams: parties are named by their own. */
export function isChosenRole(role: NodeRole): role is ChosenRole {
  return role !== 'party';
}

/**
 * Puts a node's present facts into the roster of its role, if that has one.
 * @throws EkoError as `withNode`
 */
export async function enterRoster(node: NodeRecord, { call, ledger }: Work): Promise<void> {
  const { role } = node;
  if (!isChosenRole(role)) return;
  await ledger.put(rosterKey(role), withNode(await readRoster(ledger, role), node, call.nowUnixMs));
}

/** Takes a node out of the roster of its role, if that has one. It takes no place, so nothing can refuse it. */
export async function leaveRoster({ role, nodeId }: NodeRecord, { call, ledger }: Work): Promise<void> {
  if (!isChosenRole(role)) return;
  await ledger.put(rosterKey(role), withoutNode(await readRoster(ledger, role), nodeId, call.nowUnixMs));
}

/**
 * Tells whether a change of a node's record is one of what selection rests on. An orchestrator's `vrf` key is: who
 * could change it after a request could try keys until the draw pleases it. @see docs/protocol.md, "2. The draw"
 */
export function changesSelection(before: NodeRecord, after: NodeRecord): boolean {
  return before.keys.vrf !== after.keys.vrf || changesFacts(before, after);
}

/** Tells whether zone or tags are others. */
export function changesFacts(before: SelectionFacts, after: SelectionFacts): boolean {
  return before.zone !== after.zone || (before.tags ?? []).join('\n') !== (after.tags ?? []).join('\n');
}

function byNodeThenVersion(a: RosterEntry, b: RosterEntry): number {
  if (a.nodeId !== b.nodeId) return a.nodeId < b.nodeId ? -1 : 1;
  return a.since - b.since;
}

/** How many there may be: of one MSP, of all, and how many of these nobody else can take from an MSP. */
interface Places {
  readonly perMsp: number;
  readonly total: number;
  readonly reserved: number;
}

/** Nodes that can be chosen. */
const NODES: Places = {
  perMsp: LIMITS.rosterNodesPerMsp,
  total: LIMITS.rosterNodes,
  reserved: LIMITS.rosterNodesReserved,
};
/** Those, and the former facts that a draw may still count. This bounds the record. */
const ENTRIES: Places = {
  perMsp: LIMITS.rosterEntriesPerMsp,
  total: LIMITS.rosterEntries,
  reserved: LIMITS.rosterEntriesReserved,
};

/**
 * Refuses an entry beyond the bounds of a roster, which is one record that every request reads: so it stays readable,
 * whoever registers what. No organisation can take the places of another.
 *
 * @param roster - before the entry is in it, without what no draw counts any more
 * @throws EkoError `ROSTER_FULL`
 * @see docs/decisions/0022-nodes-are-vouched-for.md
 */
function requirePlace(roster: Roster, { mspId, role }: Pick<NodeRecord, 'mspId' | 'role'>): void {
  const present = roster.entries.filter(({ left }) => left === undefined);
  if (hasPlace(present, mspId, NODES) && hasPlace(roster.entries, mspId, ENTRIES)) return;
  const { rosterNodesPerMsp, rosterNodes } = LIMITS;
  throw new EkoError(
    'ROSTER_FULL',
    `The roster of role ${role} has no place left for ${mspId}: retire nodes; what left it keeps its place for some days`,
    { details: { role, mspId, perMsp: rosterNodesPerMsp, total: rosterNodes } },
  );
}

/**
 * Tells whether one more of an MSP has a place beside those that are taken. Of all places, `reserved` belong to each MSP
 * that comes, as far as there are MSPs in the limits; the rest is for whoever comes first.
 */
function hasPlace(
  taken: readonly { readonly mspId: string }[],
  mspId: string,
  { perMsp, total, reserved }: Places,
): boolean {
  const counts = new Map<string, number>();
  for (const entry of taken) counts.set(entry.mspId, (counts.get(entry.mspId) ?? 0) + 1);
  const own = counts.get(mspId) ?? 0;
  if (own >= perMsp) return false;
  if (own < reserved) return own > 0 || counts.size < LIMITS.msps;
  const shared = [...counts.values()].reduce((sum, count) => sum + Math.max(0, count - reserved), 0);
  return shared < total - LIMITS.msps * reserved;
}
