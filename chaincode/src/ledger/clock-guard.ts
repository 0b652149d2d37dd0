import { EkoError, LIMITS } from '@eko/protocol';

/** A peer's own clock, in milliseconds since 1970. */
export type PeerClock = () => number;

/** The clock of the machine that this peer runs on. */
export const peerClock: PeerClock = () => Date.now();

/**
 * Refuses to endorse a transaction whose timestamp, which its submitter chose, is far from this peer's clock. The
 * clock decides nothing else: what is written is the same on every peer that does endorse.
 *
 * @param limitMs - how far it may be, either way
 * @throws EkoError `CLOCK_SKEW`
 */
export function refuseClockSkew(
  timestampUnixMs: number,
  clock: PeerClock,
  limitMs: number = LIMITS.clockSkewMs,
): void {
  if (Math.abs(timestampUnixMs - clock()) > limitMs)
    throw new EkoError(
      'CLOCK_SKEW',
      `The transaction's time is more than ${limitMs / 1000} s from this peer's: set the submitter's clock`,
      { details: { limitMs } },
    );
}
