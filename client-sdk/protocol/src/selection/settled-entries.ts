import type { RosterEntry } from '../ledger/schemas/nodes';
import { LIMITS } from '../limits';

/**
 * For so long after a change of a roster, by the times that transactions state, a bundle that was requested before it may
 * still be drawn, and a stream of a party that retired may live. Four of those times may be wrong, each by as much as a
 * peer takes: the request and the change that clears away lie ahead, the change that ends the entry and the dealings
 * behind.
 */
export const RETENTION_MS = LIMITS.durationSecondsMax * 1000 + 4 * LIMITS.clockSkewMs;

/**
 * Those who may deal a bundle, and prove for its draw: who is in the roster now, with the same facts as at the request.
 * Nobody can join afterwards, or try other keys until the draw pleases it, and who left is replaced.
 *
 * @param entries - of the roster of orchestrators
 * @param version - of that roster at the request
 * @see docs/protocol.md, "2. The draw"
 */
export function settledEntries(entries: readonly RosterEntry[], version: number): readonly RosterEntry[] {
  return entries.filter(({ since, left }) => left === undefined && since <= version);
}

/** How many organisations were in a roster at a version, with whatever facts. Who left stays in it until no draw looks back. */
export function organisationsAt(entries: readonly RosterEntry[], version: number): number {
  const present = entries.filter(
    ({ since, left }) => since <= version && (left === undefined || left.version > version),
  );
  return new Set(present.map(({ mspId }) => mspId)).size;
}
