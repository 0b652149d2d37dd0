import { LIMITS } from '../limits';
import { POLICY_DEFAULTS } from './policy-defaults';
import type { AcceptanceRecord, BundleRecord, Lapse } from './schemas/streams';

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
