import type { NodeRecord, Roster, RosterEntry } from '@eko/protocol';

/** The roster with a node's present facts in it, one version on. */
export function withNode(roster: Roster, node: NodeRecord): Roster {
  const version = roster.version + 1;
  const entry: RosterEntry = {
    nodeId: node.nodeId,
    mspId: node.mspId,
    ...(node.zone === undefined ? {} : { zone: node.zone }),
    ...(node.tags === undefined ? {} : { tags: node.tags }),
    since: version,
  };
  const entries = [...othersThan(roster, node.nodeId), entry];
  return { version, entries: entries.sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1)) };
}

/** The roster without a node, one version on. */
export function withoutNode(roster: Roster, nodeId: string): Roster {
  return { version: roster.version + 1, entries: othersThan(roster, nodeId) };
}

/** The nodes whose present facts were there at a version: nobody can join a draw, or re-key for it, afterwards. */
export function entriesSince(roster: Roster, version: number): readonly RosterEntry[] {
  return roster.entries.filter((entry) => entry.since <= version);
}

/**
 * Tells whether a change of a node's record is one of what selection rests on. An orchestrator's `vrf` key is: who
 * could change it after a request could try keys until the draw pleases it. @see protocol.md section 4
 */
export function changesSelection(before: NodeRecord, after: NodeRecord): boolean {
  return (
    before.zone !== after.zone ||
    before.keys.vrf !== after.keys.vrf ||
    (before.tags ?? []).join('\n') !== (after.tags ?? []).join('\n')
  );
}

const othersThan = (roster: Roster, nodeId: string): RosterEntry[] =>
  roster.entries.filter((entry) => entry.nodeId !== nodeId);
