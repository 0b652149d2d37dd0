import { LIMITS } from '@eko/protocol';
import {
  NodeRecord,
  type ListNodes,
  type NodePage,
  type NodeReference,
  type ReadRoster,
  type Roster,
} from '@eko/protocol/ledger';
import { encodeCanonicalJson, parseWith, utf8Encode } from '@eko/protocol/encoding';
import type { QueryLedger, Work } from './ledger-port';
import { readRoster, requireNode } from './records';
import { nodeRange } from './state-keys';

/** A node's record. @throws EkoError `NOT_FOUND` */
export function readNodeRecord({ nodeId }: NodeReference, { ledger }: Work): Promise<NodeRecord> {
  return requireNode(ledger, nodeId);
}

/** One page of all nodes, whatever their status, in order of their IDs: as many as are asked for, or as go into an answer. */
export async function listNodes(
  { after, limit }: ListNodes,
  { ledger }: Work<QueryLedger>,
): Promise<NodePage> {
  const { start, end } = nodeRange(after);
  const found = await ledger.range(start, end, limit + 1);
  const fitting = found.slice(0, Math.min(limit, countThatFit(found)));
  const nodes = fitting.map((value) => parseWith(NodeRecord, value, 'node record', 'CORRUPT_RECORD'));
  const last = nodes.at(-1);
  return { nodes, ...(found.length > nodes.length && last !== undefined ? { next: last.nodeId } : {}) };
}

/** At least one, so that whoever asks page by page comes to the end. */
function countThatFit(values: readonly unknown[]): number {
  let sizeBytes = 0;
  const past = values.findIndex((value) => {
    sizeBytes += utf8Encode(encodeCanonicalJson(value)).length;
    return sizeBytes >= LIMITS.listBytes;
  });
  return past === -1 ? values.length : past + 1;
}

/** The eligible nodes of a role. */
export function readRosterOf({ role }: ReadRoster, { ledger }: Work): Promise<Roster> {
  return readRoster(ledger, role);
}
