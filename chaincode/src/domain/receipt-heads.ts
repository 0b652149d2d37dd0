import { EkoError } from '@eko/protocol';
import { HeartbeatRecord, type NodeRecord, type ReceiptHead } from '@eko/protocol/ledger';
import type { Ledger } from './ledger-port';
import { readRecord } from './records';
import { heartbeatKey } from './state-keys';

/**
 * Holds a witness's receipts against what it last said of them: a log is never shorter than before, nor another one. So
 * a witness that has lost its receipts cannot go on under its name, and a fork of its log cannot stand on the ledger.
 *
 * A witness is the only one that writes its own key, and one thing at a time, so that the read makes nobody wait.
 *
 * @throws EkoError `RECEIPTS_LOST`, `INVALID_ARGUMENT` where a witness says nothing of its receipts, or somebody else does
 * @see docs/protocol.md, "4. Release"
 */
export async function requireReceiptsGoOn(
  { nodeId, role }: NodeRecord,
  receipts: ReceiptHead | undefined,
  ledger: Ledger,
): Promise<void> {
  requireReceiptsOfWitness({ nodeId, role }, receipts);
  if (receipts === undefined) return;
  const before = (await readRecord(ledger, HeartbeatRecord, heartbeatKey(nodeId)))?.receipts;
  if (before === undefined || receipts.number > before.number) return;
  if (receipts.number === before.number && receipts.hash === before.hash) return;
  throw new EkoError(
    'RECEIPTS_LOST',
    `${nodeId} has shown receipt ${before.number} on this ledger, and now its log ends at ${receipts.number} or is another one: give it back the data directory that it had, or retire it and register another witness`,
    { details: { nodeId, shown: before.number, present: receipts.number } },
  );
}

/** @throws EkoError `INVALID_ARGUMENT` where a witness says nothing of its receipts, or somebody else does */
export function requireReceiptsOfWitness(
  { nodeId, role }: Pick<NodeRecord, 'nodeId' | 'role'>,
  receipts: ReceiptHead | undefined,
): void {
  if ((receipts !== undefined) === (role === 'witness')) return;
  throw new EkoError('INVALID_ARGUMENT', 'Witnesses say how far their receipts have come, and nobody else', {
    details: { nodeId, role },
  });
}
