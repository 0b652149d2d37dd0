import type { RosterEntry } from '../ledger/schemas/nodes';

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
