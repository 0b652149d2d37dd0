import type { BundleView } from './schemas/queries';
import type {
  AcceptanceRecord,
  BundleRecord,
  EndRecord,
  Lapse,
  StreamEnd,
  StreamState,
} from './schemas/streams';
import { LIMITS } from '../limits';
import { POLICY_DEFAULTS } from './policy-defaults';

/** The tombstone that applies to one stream of a bundle: its own, else the bundle's. */
export function endOf(ends: readonly EndRecord[], index: number): EndRecord | undefined {
  return ends.find((end) => end.index === index) ?? ends.find((end) => end.index === undefined);
}

/** How one stream of a bundle ended: by its tombstone, or by the lapse of the bundle. */
export function streamEndOf(
  { bundle, ends, lapse }: Pick<BundleView, 'bundle' | 'ends' | 'lapse'>,
  index: number,
): StreamEnd | undefined {
  return endOf(ends, index) ?? (lapse === undefined ? undefined : { bundleId: bundle.bundleId, ...lapse });
}

/** A stream's state, derived from which records exist and whether the bundle lapsed. @see docs/protocol.md, "States" */
export function streamStateOf(view: BundleView, index: number): StreamState {
  if (streamEndOf(view, index) !== undefined) return 'ended';
  if (view.dealings.length > 0) return 'active';
  return view.acceptance !== undefined || view.bundle.offerId !== undefined ? 'accepted' : 'requested';
}

/** What of a bundle's records says when it lapses. */
export interface LapsingRecords {
  readonly bundle: Pick<BundleRecord, 'policy' | 'requestedAtUnixMs' | 'notAfterUnixMs' | 'offerId'>;
  readonly acceptance?: Pick<AcceptanceRecord, 'atUnixMs'> | undefined;
  readonly dealings: readonly unknown[];
  readonly ends: readonly { readonly index?: number }[];
}

/** Until when a request waits for the provider's consent. */
export function consentDueUnixMs({
  policy,
  requestedAtUnixMs,
  notAfterUnixMs,
}: LapsingRecords['bundle']): number {
  const { consentSeconds = POLICY_DEFAULTS.consentSeconds } = policy;
  return Math.min(requestedAtUnixMs + consentSeconds * 1000, notAfterUnixMs);
}

/** Until when the dealings of a bundle are taken that was accepted at `consentedAtUnixMs`. */
export function setupDueUnixMs(
  { notAfterUnixMs }: Pick<BundleRecord, 'notAfterUnixMs'>,
  consentedAtUnixMs: number,
): number {
  return Math.min(consentedAtUnixMs + LIMITS.setupLimitMs, notAfterUnixMs);
}

/**
 * Whether a bundle has lapsed. The ledger takes neither consent nor dealings whose time is past the limit, and no peer
 * endorses a time that is further than `LIMITS.clockSkewMs` from its clock: so long after the limit nothing can come any
 * more, and everybody knows it without a record. What is on record comes first: an end, and dealings.
 *
 * @see docs/protocol.md, "6. The end"
 */
export function lapseOf(records: LapsingRecords, nowUnixMs: number): Lapse | undefined {
  const { bundle, acceptance, dealings, ends } = records;
  if (dealings.length > 0 || ends.length > 0) return undefined;
  const consentedAtUnixMs = bundle.offerId === undefined ? acceptance?.atUnixMs : bundle.requestedAtUnixMs;
  const atUnixMs =
    consentedAtUnixMs === undefined ? consentDueUnixMs(bundle) : setupDueUnixMs(bundle, consentedAtUnixMs);
  if (nowUnixMs < atUnixMs + LIMITS.clockSkewMs) return undefined;
  const isFailed = consentedAtUnixMs !== undefined && atUnixMs < bundle.notAfterUnixMs;
  return { reason: isFailed ? 'failed' : 'expired', atUnixMs };
}
