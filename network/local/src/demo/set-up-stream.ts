import { type StreamPolicy } from '@eko/protocol';
import { type BundleRecord, type DealingsRecord } from '@eko/protocol/ledger';
import { randomUUID } from 'node:crypto';
import { DEV_PROVIDER } from '../dev/network-plan';
import { formatMs } from '@eko/command';
import { placeOf } from './ledger-log';
import { dealingsOf, requestOf } from './ledger-log';
import type { Stage } from './stage';

/** A stream of the demo that is on the ledger. */
export interface RequestedStream {
  readonly streamId: string;
  readonly bundle: BundleRecord;
  /** Who deals it, the lead first. */
  readonly orchestrators: readonly string[];
  readonly requestedAtMs: number;
}

/** A stream of the demo once its keys are dealt. */
export interface ActiveStream extends RequestedStream {
  readonly record: DealingsRecord;
  /** The witnesses that were drawn for it. */
  readonly witnesses: readonly string[];
}

const DEADLINE_MS = 30_000;

/** Two dealers, and three of the five witnesses, of three organisations, any two of which suffice. */
export const DEMO_POLICY: StreamPolicy = {
  provider: DEV_PROVIDER,
  durationSeconds: 3_600,
  dealers: 2,
  witnesses: { count: 3, quorum: 2, witnessesCanVerify: false, maxPerOrg: 1 },
  onLedgerLoss: 'close',
};

/** Requests a stream as the initiator; resolves as soon as the request is on the ledger. */
export async function requestStream(
  { timeline, log, initiator }: Stage,
  purpose: string,
  policy: StreamPolicy,
): Promise<RequestedStream> {
  const bundleId = randomUUID();
  const requestedAtMs = performance.now();
  const answered = initiator.api.requestStreams({
    bundleId,
    policy,
    requests: [{ dataType: 'file', permissions: ['read'], labels: { purpose } }],
  });
  const seen = log.first('the request', requestOf(bundleId), DEADLINE_MS);
  // A refusal ends the wait for the event.
  const { event } = await Promise.race([seen, answered.then(() => seen)]);
  // The answer comes after the event and says the same.
  answered.catch(() => undefined);
  const { bundle, assignment } = event.payload;
  const { orchestrators = [] } = assignment ?? {};
  timeline.tell(`the initiator requests a stream, metadata only: ${placeOf(event)}`);
  timeline.detail(`dealers assigned: ${orchestrators.join(', ')}; consent: the provider's standing offer`);
  return { streamId: `${bundleId}/0`, bundle, orchestrators, requestedAtMs };
}

/**
 * Waits until a stream's keys are dealt.
 *
 * @throws EkoError `DEADLINE_EXCEEDED`
 */
export async function untilActive(
  { timeline, log }: Stage,
  requested: RequestedStream,
): Promise<ActiveStream> {
  const { bundleId } = requested.bundle;
  const { event, atMs } = await log.first('the dealings', dealingsOf(bundleId), DEADLINE_MS);
  const { record } = event.payload;
  const { witnesses } = record.selection;
  timeline.tell(`active ${formatMs(atMs - requested.requestedAtMs)} after the request: ${placeOf(event)}`);
  timeline.detail(`witnesses drawn: ${witnesses.join(', ')}`);
  return { ...requested, record, witnesses };
}
