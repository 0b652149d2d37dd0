import { EkoError, LIMITS } from '@eko/protocol';
import { RETENTION_MS, strictObject } from '@eko/protocol/ledger';
import { Type } from '@eko/protocol/encoding';
import type { Work } from './ledger-port';
import { readRecord } from './records';
import { partiesKey, pendingNodesKey } from './state-keys';

/** How many nodes of an MSP wait for its administrator. */
const PendingNodes = strictObject({ count: Type.Integer({ minimum: 0 }) });
/** How many parties of an MSP there are, and when others retired of whom streams may live. */
const Parties = strictObject({
  count: Type.Integer({ minimum: 0 }),
  retiredAtUnixMs: Type.Array(Type.Integer({ minimum: 0 })),
});

/**
 * Takes a place among those that wait for their administrator.
 * @throws EkoError `ROSTER_FULL`
 */
export async function takePendingPlace(mspId: string, { ledger }: Work): Promise<void> {
  const { count } = await readPending(mspId, ledger);
  if (count >= LIMITS.pendingNodesPerMsp)
    throw full(`${count} nodes of ${mspId} wait already: let an administrator approve or reject them`, mspId);
  await ledger.put(pendingNodesKey(mspId), { count: count + 1 });
}

/** Gives it back. */
export async function freePendingPlace(mspId: string, { ledger }: Work): Promise<void> {
  const { count } = await readPending(mspId, ledger);
  await ledger.put(pendingNodesKey(mspId), { count: Math.max(0, count - 1) });
}

/**
 * Takes a place among an MSP's parties.
 * @throws EkoError `ROSTER_FULL`
 */
export async function takePartyPlace(mspId: string, work: Work): Promise<void> {
  const { count, retiredAtUnixMs } = await readParties(mspId, work);
  if (count + retiredAtUnixMs.length >= LIMITS.partiesPerMsp)
    throw full(`${mspId} has as many parties as it may: retired ones keep their place for some days`, mspId);
  await work.ledger.put(partiesKey(mspId), { count: count + 1, retiredAtUnixMs });
}

/** Gives it back, from the time on at which no stream of the party can live. */
export async function retireParty(mspId: string, work: Work): Promise<void> {
  const { count, retiredAtUnixMs } = await readParties(mspId, work);
  await work.ledger.put(partiesKey(mspId), {
    count: Math.max(0, count - 1),
    retiredAtUnixMs: [...retiredAtUnixMs, work.call.nowUnixMs],
  });
}

async function readPending(mspId: string, ledger: Work['ledger']): Promise<{ readonly count: number }> {
  return (await readRecord(ledger, PendingNodes, pendingNodesKey(mspId))) ?? { count: 0 };
}

async function readParties(
  mspId: string,
  { call, ledger }: Work,
): Promise<{ readonly count: number; readonly retiredAtUnixMs: readonly number[] }> {
  const found = await readRecord(ledger, Parties, partiesKey(mspId));
  if (found === undefined) return { count: 0, retiredAtUnixMs: [] };
  const { count, retiredAtUnixMs } = found;
  return { count, retiredAtUnixMs: retiredAtUnixMs.filter((at) => at + RETENTION_MS > call.nowUnixMs) };
}

function full(text: string, mspId: string): EkoError {
  return new EkoError('ROSTER_FULL', text, { details: { mspId } });
}
