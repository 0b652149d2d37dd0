import { TRANSACTIONS, type NodeRole } from '@eko/protocol/ledger';
import type { Ledger } from '../ledger/ledger';
import { readRegistered } from './register-node';

/** What came of it; `txId` and `blockNumber` are there where something was written. */
export interface RetirementOutcome {
  readonly outcome: 'retired' | 'unchanged';
  readonly nodeId: string;
  readonly role: NodeRole;
  readonly txId?: string;
  readonly blockNumber?: bigint;
}

/**
 * Takes a node out of service for good; one that is retired, or was turned away, stays so.
 *
 * @param ledger - connected with the identity that registered the node, or as an administrator of its organisation
 * @throws EkoError `NOT_FOUND`, `FORBIDDEN` for another's node, and as `Ledger.submit`
 * @see docs/protocol.md, "The ledger is the directory"
 */
export async function retireNode(
  ledger: Ledger,
  nodeId: string,
  signal?: AbortSignal,
): Promise<RetirementOutcome> {
  const node = await readRegistered(ledger, nodeId, signal);
  const { role, status } = node;
  if (status === 'retired' || status === 'rejected') return { outcome: 'unchanged', nodeId, role };
  const { txId, blockNumber } = await ledger.submit(TRANSACTIONS.retireNode, { nodeId }, { signal });
  return { outcome: 'retired', nodeId, role, txId, blockNumber };
}
