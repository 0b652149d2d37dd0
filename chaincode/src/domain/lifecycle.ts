import {
  EkoError,
  FIRST_EPOCH,
  type AcceptanceRecord,
  type BundleRecord,
  type EndRecord,
  type StreamState,
} from '@eko/protocol';
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

function streamEnded({ bundleId, index, reason }: EndRecord): EkoError {
  const what = index === undefined ? `Bundle ${bundleId}` : `Stream ${bundleId}/${index}`;
  return new EkoError('STREAM_ENDED', `${what} has ended: ${reason}`, {
    details: { bundleId, reason, ...(index === undefined ? {} : { index }) },
  });
}
