import { TRANSACTIONS, isEkoError, type RequestStreams } from '@eko/protocol';
import type { TransactionTypes } from '../ledger/transaction-types';
import { backoffMs, pause } from '../pacing/backoff';
import { reportTrouble } from './background';
import type { ClientContext } from './client-context';

const BACKOFF = { firstMs: 200, mostMs: 5_000 };
/** One attempt: a ledger that died under it must not hold it for as long as a commit may take. */
const ATTEMPT_MS = 15_000;

/**
 * Submits a request until its answer is known. Safe to repeat: the bundle's ID makes the ledger answer a second
 * submission with the first one's record. @see protocol.md section 12, 6
 */
export async function submitRequest(
  context: ClientContext,
  argument: RequestStreams,
  signal: AbortSignal,
): Promise<TransactionTypes[typeof TRANSACTIONS.requestStreams]['result']> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const limits = { signal, deadlineMs: ATTEMPT_MS };
      return (await context.ledger.submit(TRANSACTIONS.requestStreams, argument, limits)).result;
    } catch (error) {
      const mayRepeat = isEkoError(error, 'COMMIT_UNKNOWN', 'LEDGER_UNAVAILABLE', 'DEADLINE_EXCEEDED');
      if (!mayRepeat || signal.aborted) throw error;
      reportTrouble(context, error, 'Requesting streams');
    }
    await pause(backoffMs(attempt, BACKOFF), signal);
    signal.throwIfAborted();
  }
}
