import { EkoError, LIMITS } from '@eko/protocol';
import type { ClockSkew } from '@eko/protocol/ledger';

/** A peer's own clock, in milliseconds since 1970. */
export type PeerClock = () => number;

/** The clock of the machine that this peer runs on. */
export const peerClock: PeerClock = () => Date.now();

/** What every transaction may be off. */
const USUAL_SKEW: ClockSkew = { aheadMs: LIMITS.clockSkewMs, behindMs: LIMITS.clockSkewMs };

/**
 * Refuses to endorse a transaction whose timestamp, which its submitter chose, is far from this peer's clock. The
 * clock decides nothing else: what is written is the same on every peer that does endorse.
 *
 * @param skew - how far it may be
 * @throws EkoError `CLOCK_SKEW`
 */
export function refuseClockSkew(
  timestampUnixMs: number,
  clock: PeerClock,
  { aheadMs, behindMs }: ClockSkew = USUAL_SKEW,
): void {
  const offMs = timestampUnixMs - clock();
  const limitMs = offMs > 0 ? aheadMs : behindMs;
  if (Math.abs(offMs) <= limitMs) return;
  throw new EkoError(
    'CLOCK_SKEW',
    `The transaction's time is more than ${limitMs / 1000} s from this peer's: set the submitter's clock`,
    { details: { limitMs } },
  );
}
