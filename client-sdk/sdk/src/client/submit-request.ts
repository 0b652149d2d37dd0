import { EkoError, LIMITS, isEkoError, type RequestStreams } from '@eko/protocol';
import { TRANSACTIONS, matchOffer, type TransactionResult } from '@eko/protocol/ledger';
import { withDeadline, type CallLimits } from '../pacing/deadline';
import type { ClientContext } from './client-context';
import { submitUntilKnown } from './submit-until-known';

type Requested = TransactionResult<typeof TRANSACTIONS.requestStreams>;

/**
 * Submits a request until the answer is known. Where no offer of the provider covers it, it waits in a slot, one of those
 * of this party's organisation that are free; others may take it first, and then it tries another one.
 *
 * @throws EkoError as `submitUntilKnown`, `NO_SLOT` where all of them are taken
 * @see docs/protocol.md, "1. Request and consent"
 */
export async function submitRequest(
  context: ClientContext,
  request: Omit<RequestStreams, 'slot'>,
  { deadlineMs = context.bounds.setupMs, signal }: CallLimits = {},
): Promise<Requested> {
  const { directory, keys } = context;
  const { provider } = request.policy;
  const offers = directory.get(provider)?.offers ?? [];
  const isCovered = matchOffer(offers, request, directory.require(keys.nodeId).mspId) !== undefined;
  return withDeadline('RequestStreams', { deadlineMs, signal }, async (until) => {
    const limits = { deadlineMs, signal: until };
    let slot = isCovered ? undefined : anyOf(ALL_SLOTS);
    for (;;) {
      try {
        const argument = slot === undefined ? request : { ...request, slot };
        return await submitUntilKnown(context, TRANSACTIONS.requestStreams, argument, limits);
      } catch (error) {
        if (!isEkoError(error, 'NO_SLOT')) throw error;
        slot = await freeSlot(context, provider, limits);
      }
    }
  });
}

const ALL_SLOTS: readonly number[] = Array.from({ length: LIMITS.openSlots }, (_, slot) => slot);

async function freeSlot({ ledger }: ClientContext, provider: string, limits: CallLimits): Promise<number> {
  const { taken } = await ledger.evaluate(TRANSACTIONS.readOpenSlots, { provider }, limits);
  const slot = anyOf(ALL_SLOTS.filter((each) => !taken.includes(each)));
  if (slot !== undefined) return slot;
  throw new EkoError(
    'NO_SLOT',
    `${LIMITS.openSlots} requests of this organisation wait for ${provider}: try again when one of them is decided`,
    { details: { provider, limit: LIMITS.openSlots } },
  );
}

/** Any of them, so that neighbours seldom pick the same one. */
function anyOf(slots: readonly number[]): number | undefined {
  return slots[Math.floor(Math.random() * slots.length)];
}
