import { LIMITS, isEkoError } from '@eko/protocol';
import { TRANSACTIONS } from '@eko/protocol/ledger';
import type { Ledger } from '@eko/sdk';
import { randomUUID } from 'node:crypto';
import { failure, ok, type Finding } from './finding';

/** A time is compared where it arrives: a busy peer that keeps it waiting makes a clock look slow, so it is asked again. */
const ATTEMPTS = 2;

/**
 * Runs the transaction whose time peers take least play in, on a bundle that nobody has: the contract looks at the clock
 * first, and refuses then; as a query it is never ordered.
 *
 * @throws EkoError where the signal aborts
 */
export async function checkClock(
  ledger: Pick<Ledger, 'evaluate'>,
  signal: AbortSignal,
  deadlineMs: number,
): Promise<Finding> {
  let refusal: unknown;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    refusal = await refusalOf(ledger, signal, deadlineMs);
    if (!isEkoError(refusal, 'CLOCK_SKEW')) break;
  }
  if (!isEkoError(refusal)) throw refusal;
  const { code, message } = refusal;
  if (code === 'NOT_FOUND')
    return ok('clock', `within ${LIMITS.leaseSkewMs / 1_000} s of the peer's, as nodes need it`);
  if (code !== 'CLOCK_SKEW')
    return failure('clock', code, message, 'mend what the text says, and look again');
  return failure(
    'clock',
    'CLOCK_SKEW',
    `${message}. Ahead by more, permits and heartbeats are refused; behind, they count for too old`,
    "set this machine's clock, and the peer's, by NTP (timedatectl set-ntp true)",
  );
}

async function refusalOf(
  ledger: Pick<Ledger, 'evaluate'>,
  signal: AbortSignal,
  deadlineMs: number,
): Promise<unknown> {
  try {
    const nobodys = { bundleId: randomUUID(), fence: 0 };
    await ledger.evaluate(TRANSACTIONS.reassignOrchestrators, nobodys, { deadlineMs, signal });
  } catch (error) {
    if (signal.aborted) throw error;
    return error;
  }
  throw new TypeError('a contract refuses what nobody has');
}
