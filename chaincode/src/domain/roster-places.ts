import { EkoError, LIMITS } from '@eko/protocol';
import { type NodeRecord, type Roster } from '@eko/protocol/ledger';

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
export function requirePlace(roster: Roster, { mspId, role }: Pick<NodeRecord, 'mspId' | 'role'>): void {
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
