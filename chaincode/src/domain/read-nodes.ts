import { NodeRecord, parseWith } from '@eko/protocol';
import type { ListNodes, NodePage, NodeReference, ReadRoster, Roster } from '@eko/protocol';
import type { QueryLedger, Work } from './ledger-port';
import { readRoster, requireNode } from './records';
import { nodeRange } from './state-keys';

/** A node's record. @throws EkoError `NOT_FOUND` */
export function readNodeRecord({ nodeId }: NodeReference, { ledger }: Work): Promise<NodeRecord> {
  return requireNode(ledger, nodeId);
}

/** One page of all nodes, retired ones too, in order of their IDs. */
export async function listNodes(
  { after, limit }: ListNodes,
  { ledger }: Work<QueryLedger>,
): Promise<NodePage> {
  const { start, end } = nodeRange(after);
  const found = (await ledger.range(start, end, limit + 1)).map((value) =>
    parseWith(NodeRecord, value, 'node record', 'CORRUPT_RECORD'),
  );
  const nodes = found.slice(0, limit);
  const last = nodes.at(-1);
  return { nodes, ...(found.length > limit && last !== undefined ? { next: last.nodeId } : {}) };
}

/** The eligible nodes of a role. */
export function readRosterOf({ role }: ReadRoster, { ledger }: Work): Promise<Roster> {
  return readRoster(ledger, role);
}
