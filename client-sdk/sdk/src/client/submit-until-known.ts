import { isEkoError } from '@eko/protocol';
import { type TransactionName, type TransactionArgument, type TransactionResult } from '@eko/protocol/ledger';
import { backoffMs, pause } from '../pacing/backoff';
import { withDeadline, type CallLimits } from '../pacing/deadline';
import { reportTrouble } from './background';
import type { ClientContext } from './client-context';

const BACKOFF = { firstMs: 200, mostMs: 5_000 };
/**
 * One attempt. A ledger that died under it must not hold it for as long as a commit may take; and an orderer that leads
 * no more may have said yes to what it then loses.
 */
const ATTEMPT_MS = 15_000;

/** Conflicts too: peers stay at different heights for as long as no orderer gives the last block to all of them. */
const REPEATED = ['COMMIT_UNKNOWN', 'LEDGER_UNAVAILABLE', 'DEADLINE_EXCEEDED', 'LEDGER_CONFLICT'] as const;

/**
 * Submits until the answer is known, as new transactions: only for what the chaincode lets be repeated, as a request
 * (the bundle's ID makes the ledger answer a second one with the first one's record) or an end (which is written once).
 *
 * @param limits - `deadlineMs` is the client's set-up time where it is not given
 * @throws EkoError the contract's refusal, `DEADLINE_EXCEEDED`, `CANCELLED`
 * @see docs/protocol.md, "What always holds"
 */
export async function submitUntilKnown<Name extends TransactionName>(
  context: ClientContext,
  name: Name,
  argument: TransactionArgument<Name>,
  { deadlineMs = context.bounds.setupMs, signal }: CallLimits = {},
): Promise<TransactionResult<Name>> {
  return withDeadline(name, { deadlineMs, signal }, async (until) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const limits = { signal: until, deadlineMs: ATTEMPT_MS };
        return (await context.ledger.submit(name, argument, limits)).result;
      } catch (error) {
        if (!isEkoError(error, ...REPEATED) || until.aborted || context.closing.aborted) throw error;
        reportTrouble(context, error, name);
      }
      await pause(backoffMs(attempt, BACKOFF), until);
      until.throwIfAborted();
    }
  });
}
