import { isEkoError } from '@eko/protocol';
import type { Ledger } from '@eko/sdk';
import { failure, ok, type Finding } from './finding';

/** How long is waited. */
export interface EventWaits {
  /** How long no refusal counts as consent; a peer confirms no subscription before there is an event. */
  readonly quietMs: number;
  /** How long an event may take that has to come. */
  readonly deadlineMs: number;
}

/**
 * Subscribes as every node does, from the first block on. Silence alone does not say that there is no event.
 *
 * @param hasEvents - whether the ledger holds what only a transaction with an event writes
 * @throws whatever `hasEvents` throws, and what is no EkoError or comes after the signal
 */
export async function checkEvents(
  ledger: Pick<Ledger, 'events'>,
  hasEvents: () => Promise<boolean>,
  signal: AbortSignal,
  { quietMs, deadlineMs }: EventWaits,
): Promise<Finding> {
  const arrive = (block: bigint): Finding => ok('events', `arrive, from block ${block} on`);
  try {
    const early = await firstBlock(ledger, signal, quietMs);
    if (early !== undefined) return arrive(early);
  } catch (error) {
    if (!isEkoError(error) || signal.aborted) throw error;
    const fix =
      error.code === 'RATE_LIMITED'
        ? "raise the peer's limits.concurrency.gatewayService, or use another peer: each subscription holds one place"
        : "the identity must be a reader of the channel; see the peer's log";
    return failure('events', error.code, `The peer refuses a subscription: ${error.message}`, fix);
  }
  if (!(await hasEvents())) return ok('events', 'the peer refuses no subscription; there is no event yet');
  const late = await firstBlock(ledger, signal, deadlineMs);
  if (late !== undefined) return arrive(late);
  return failure(
    'events',
    'DEADLINE_EXCEEDED',
    `No event came within ${deadlineMs / 1_000} s, although the ledger has nodes, each of which was announced by one`,
    "see the peer's log; a proxy between must let an answer go on without an end",
  );
}

/** The block of the first event; nothing where none comes in this time. */
async function firstBlock(
  ledger: Pick<Ledger, 'events'>,
  signal: AbortSignal,
  waitMs: number,
): Promise<bigint | undefined> {
  const until = AbortSignal.any([AbortSignal.timeout(waitMs), signal]);
  for await (const { blockNumber } of ledger.events({ signal: until })) return blockNumber;
  signal.throwIfAborted();
  return undefined;
}
