import { EkoError, type StreamState } from '@eko/protocol';
import {
  FIRST_EPOCH,
  lapseOf,
  type AcceptanceRecord,
  type BundleRecord,
  type EndRecord,
  type Lapse,
} from '@eko/protocol/ledger';
import type { Ledger } from './ledger-port';
import { readAcceptance, readDealings, readEnd } from './records';

/**
 * Reads the tombstone of a bundle, so that a transaction endorsed before the end turns invalid after it.
 * @throws EkoError `STREAM_ENDED`
 * @see docs/protocol.md, "6. The end"
 */
export async function refuseEndedBundle(ledger: Ledger, bundleId: string): Promise<void> {
  const end = await readEnd(ledger, bundleId);
  if (end !== undefined) throw streamEnded(end);
}

/**
 * As `refuseEndedBundle`, for single streams of an active bundle too.
 * @throws EkoError `STREAM_ENDED` naming the first stream that has ended
 */
export async function refuseEndedStreams(
  ledger: Ledger,
  bundleId: string,
  indices: readonly number[],
): Promise<void> {
  await refuseEndedBundle(ledger, bundleId);
  for (const index of indices) {
    const end = await readEnd(ledger, bundleId, index);
    if (end !== undefined) throw streamEnded(end);
  }
}

/** Tells whether the bundle's first dealings are on the ledger. */
export async function isActive(ledger: Ledger, bundleId: string): Promise<boolean> {
  return (await readDealings(ledger, bundleId, FIRST_EPOCH)) !== undefined;
}

/** When the provider consented: by its own act, or by a standing offer at the request. */
export async function readConsent(
  ledger: Ledger,
  bundle: BundleRecord,
): Promise<Pick<AcceptanceRecord, 'atUnixMs'> | undefined> {
  if (bundle.offerId !== undefined) return { atUnixMs: bundle.requestedAtUnixMs };
  return readAcceptance(ledger, bundle.bundleId);
}

/**
 * Refuses an act that comes after the time in which it could be done; from then on the bundle lapses without a record.
 * @throws EkoError `STREAM_ENDED`
 */
export function refuseLate(
  { bundleId }: Pick<BundleRecord, 'bundleId'>,
  {
    nowUnixMs,
    dueUnixMs,
    reason,
  }: {
    readonly nowUnixMs: number;
    readonly dueUnixMs: number;
    readonly reason: Lapse['reason'];
  },
): void {
  if (nowUnixMs >= dueUnixMs) throw streamEnded({ bundleId, reason });
}

/**
 * Refuses to end a bundle that lapsed already.
 * @throws EkoError `STREAM_ENDED`
 */
export async function refuseLapsed(ledger: Ledger, bundle: BundleRecord, nowUnixMs: number): Promise<void> {
  const { bundleId } = bundle;
  if (await isActive(ledger, bundleId)) return;
  const acceptance = await readAcceptance(ledger, bundleId);
  const lapse = lapseOf({ bundle, acceptance, dealings: [], ends: [] }, nowUnixMs);
  if (lapse !== undefined) throw streamEnded({ bundleId, reason: lapse.reason });
}

/** The refusal of an act that the present state does not allow. */
export function badState(state: StreamState, what: string): EkoError {
  return new EkoError('BAD_STATE', `The stream is ${state}: ${what}`, { details: { state } });
}

/** The indices of a selection; `all` stands for every stream of the bundle. @throws EkoError `NOT_FOUND` */
export function indicesOf(bundle: BundleRecord, streams: 'all' | readonly number[]): readonly number[] {
  if (streams === 'all') return bundle.requests.map((_, index) => index);
  const beyond = streams.find((index) => index >= bundle.requests.length);
  if (beyond !== undefined)
    throw new EkoError('NOT_FOUND', `Bundle ${bundle.bundleId} has no stream ${beyond}`, {
      details: { bundleId: bundle.bundleId, index: beyond },
    });
  return streams;
}

/** Tells whether a node is one of the two parties of a bundle. */
export function isPartyOf(bundle: BundleRecord, nodeId: string): boolean {
  return nodeId === bundle.initiator || nodeId === bundle.policy.provider;
}

function streamEnded({
  bundleId,
  index,
  reason,
}: Pick<EndRecord, 'bundleId' | 'index' | 'reason'>): EkoError {
  const what = index === undefined ? `Bundle ${bundleId}` : `Stream ${bundleId}/${index}`;
  return new EkoError('STREAM_ENDED', `${what} has ended: ${reason}`, {
    details: { bundleId, reason, ...(index === undefined ? {} : { index }) },
  });
}
