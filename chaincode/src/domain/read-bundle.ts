import { LIMITS } from '@eko/protocol';
import { EndRecord, lapseOf, type BundleReference, type BundleView, FIRST_EPOCH } from '@eko/protocol/ledger';
import { parseWith } from '@eko/protocol/encoding';
import type { QueryLedger, Work } from './ledger-port';
import { readAcceptance, readAssignment, readDealings, readEnd, requireBundle } from './records';
import { streamEndRange } from './state-keys';

/**
 * Everything that the ledger holds of a bundle, and whether it has lapsed by the caller's clock.
 * @throws EkoError `NOT_FOUND`
 */
export async function readBundle(
  { bundleId }: BundleReference,
  { call, ledger }: Work<QueryLedger>,
): Promise<BundleView> {
  const bundle = await requireBundle(ledger, bundleId);
  const acceptance = await readAcceptance(ledger, bundleId);
  const records = {
    bundle,
    ...(acceptance === undefined ? {} : { acceptance }),
    assignments: await countedUp(0, (fence) => readAssignment(ledger, bundleId, fence)),
    dealings: await countedUp(FIRST_EPOCH, (epoch) => readDealings(ledger, bundleId, epoch)),
    ends: await readEnds(ledger, bundleId),
  };
  const lapse = lapseOf(records, call.nowUnixMs);
  return lapse === undefined ? records : { ...records, lapse };
}

/** The records of a family that is numbered without gaps. */
async function countedUp<R>(first: number, read: (n: number) => Promise<R | undefined>): Promise<R[]> {
  const found: R[] = [];
  for (let n = first; ; n += 1) {
    const record = await read(n);
    if (record === undefined) return found;
    found.push(record);
  }
}

async function readEnds(ledger: QueryLedger, bundleId: string): Promise<EndRecord[]> {
  const whole = await readEnd(ledger, bundleId);
  const { start, end } = streamEndRange(bundleId);
  const single = (await ledger.range(start, end, LIMITS.requestsPerBundle)).map((value) =>
    parseWith(EndRecord, value, 'tombstone', 'CORRUPT_RECORD'),
  );
  single.sort((a, b) => (a.index ?? 0) - (b.index ?? 0));
  return whole === undefined ? single : [whole, ...single];
}
