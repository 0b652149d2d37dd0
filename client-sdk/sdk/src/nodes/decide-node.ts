import { TRANSACTIONS, type NodeRecord } from '@eko/protocol/ledger';
import type { Ledger } from '../ledger/ledger';
import { readRegistered } from './register-node';

/** What an administrator decides about what waits. */
export type Decision = 'approve' | 'reject';

/** What came of it; `txId` and `blockNumber` are there where something was written. */
export interface DecisionOutcome {
  readonly outcome: 'approved' | 'rejected' | 'unchanged';
  readonly node: NodeRecord;
  readonly txId?: string;
  readonly blockNumber?: bigint;
}

const DECISIONS = {
  approve: { transaction: TRANSACTIONS.approveNode, outcome: 'approved' },
  reject: { transaction: TRANSACTIONS.rejectNode, outcome: 'rejected' },
} as const;

/**
 * Reads a node's record and decides about what of it waits: the node itself, or the zone and tags that it changed to.
 * What is decided about is the record that was read; where that has changed, nothing happens.
 *
 * @param ledger - connected as an administrator of the node's organisation
 * @throws EkoError `NOT_FOUND`, `FORBIDDEN`, `BAD_STATE`, and as `Ledger.submit`
 * @see docs/protocol.md, "The ledger is the directory"
 */
export async function decideNode(
  ledger: Ledger,
  nodeId: string,
  decision: Decision,
  signal?: AbortSignal,
): Promise<DecisionOutcome> {
  const node = await readRegistered(ledger, nodeId, signal);
  if (decision === 'approve' && node.status === 'active' && node.proposed === undefined)
    return { outcome: 'unchanged', node };
  const { transaction, outcome } = DECISIONS[decision];
  const version = { nodeId, keyEpoch: node.keyEpoch };
  const { txId, blockNumber } = await ledger.submit(transaction, version, { signal });
  return { outcome, node, txId, blockNumber };
}
