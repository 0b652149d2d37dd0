import { LIMITS } from '../limits';

/**
 * For so long after a change of a roster, by the times that transactions state, a bundle that was requested before it may
 * still be drawn, and a stream of a party that retired may live. Four of those times may be wrong, each by as much as a
 * peer takes: the request and the change that clears away lie ahead, the change that ends the entry and the dealings
 * behind.
 */
export const RETENTION_MS = LIMITS.durationSecondsMax * 1000 + 4 * LIMITS.clockSkewMs;
