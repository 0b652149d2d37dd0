import { type EndReason } from '@eko/protocol';
import { EVENTS, type BundleRecord, type EndRecord } from '@eko/protocol/ledger';
import type { Work } from './ledger-port';
import { badState, indicesOf, isActive, readConsent } from './lifecycle';
import { announced, unchanged, type OutcomeOf } from './outcome';
import { readEnd } from './records';
import { endKey } from './state-keys';

/** An end that is to be written. `by` is a node, or `admin:` and an MSP ID. */
export interface Ending {
  readonly bundle: BundleRecord;
  readonly streams: 'all' | readonly number[];
  readonly reason: EndReason;
  readonly by: string;
  readonly note: string | undefined;
}

/**
 * Writes the tombstones that are not there yet. What has ended already is answered with the end that it has, so that
 * ending twice is no failure; without anything new there is no write and no event.
 *
 * It reads the end keys that it may write and what never changes: nothing else on the ledger can make it conflict.
 * Single streams end only once they are active; before that the bundle is one thing.
 *
 * @throws EkoError `BAD_STATE`, `NOT_FOUND` for an index beyond the bundle
 * @see docs/protocol.md, "6. The end"
 */
export async function writeEnds(ending: Ending, work: Work): Promise<OutcomeOf<'endStream'>> {
  const { bundleId } = ending.bundle;
  const whole = await readEnd(work.ledger, bundleId);
  if (whole !== undefined) return unchanged({ ends: [whole] });
  if (ending.streams === 'all') return announceEnds([await putEnd(ending, undefined, work)], []);
  const indices = indicesOf(ending.bundle, ending.streams);
  if (!(await isActive(work.ledger, bundleId)))
    throw await notActive(ending.bundle, work, 'end the whole bundle instead of single streams');
  const present: EndRecord[] = [];
  const added: EndRecord[] = [];
  for (const index of indices) {
    const end = await readEnd(work.ledger, bundleId, index);
    if (end === undefined) added.push(await putEnd(ending, index, work));
    else present.push(end);
  }
  return announceEnds(added, present);
}

/** The refusal of an act that needs an active bundle, with the state that it has. */
export async function notActive(bundle: BundleRecord, { ledger }: Work, what: string): Promise<Error> {
  return badState((await readConsent(ledger, bundle)) === undefined ? 'requested' : 'accepted', what);
}

async function putEnd(ending: Ending, index: number | undefined, { call, ledger }: Work): Promise<EndRecord> {
  const { bundleId } = ending.bundle;
  const end: EndRecord = {
    bundleId,
    ...(index === undefined ? {} : { index }),
    reason: ending.reason,
    by: ending.by,
    ...(ending.note === undefined ? {} : { note: ending.note }),
    txId: call.txId,
    atUnixMs: call.nowUnixMs,
  };
  await ledger.put(endKey(bundleId, index), end);
  return end;
}

function announceEnds(added: EndRecord[], present: readonly EndRecord[]): OutcomeOf<'endStream'> {
  const result = { ends: [...present, ...added].sort((a, b) => (a.index ?? 0) - (b.index ?? 0)) };
  if (added.length === 0) return unchanged(result);
  return { ...announced(EVENTS.streamsEnded, { ends: added }), result };
}
