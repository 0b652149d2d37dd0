import { RETENTION_MS, type NodeRecord, type Roster, type RosterEntry } from '@eko/protocol/ledger';

/**
 * The record of a roster after a node has come into it, has other facts there, or has left it: one version on, with what
 * a draw may still look back to.
 */
export function nextRoster(
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
