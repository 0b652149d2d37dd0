import { EkoError } from '../errors';
import type { RosterEntry } from '../ledger/schemas/nodes';
import type { WitnessPolicy } from '../ledger/schemas/streams';

/** What of a request decides who may be drawn. */
export interface DrawTerms {
  readonly initiator: string;
  readonly provider: string;
  /** The parties' organisations, whose witnesses the policy may exclude. */
  readonly partyMsps: readonly string[];
  /** Version of the witness roster at the request: who joined later is no candidate, who left later still is. */
  readonly rosterVersion: number;
  readonly witnesses: WitnessPolicy;
}

type Filter = readonly [name: string, keep: (entry: RosterEntry) => boolean];

/**
 * The witnesses that may be drawn, sorted by node ID.
 *
 * @throws EkoError `POLICY_UNSATISFIABLE` where they are too few: details name the filter that left too few, how many
 *   were `eligible` after it and how many are `needed`
 * @see docs/protocol.md, "2. The draw"
 */
export function eligibleWitnesses(entries: readonly RosterEntry[], terms: DrawTerms): readonly RosterEntry[] {
  const { initiator, provider, partyMsps, rosterVersion, witnesses } = terms;
  const { zones, tags, count, maxPerOrg, excludePartyMsps = false } = witnesses;
  const filters: readonly Filter[] = [
    ['roster', () => true],
    ['rosterVersion', (entry) => wasThereAt(entry, rosterVersion)],
    ['parties', (entry) => entry.nodeId !== initiator && entry.nodeId !== provider],
    ['excludePartyMsps', (entry) => !excludePartyMsps || !partyMsps.includes(entry.mspId)],
    ['zones', (entry) => zones === undefined || (entry.zone !== undefined && zones.includes(entry.zone))],
    ['tags', (entry) => tags === undefined || tags.every((tag) => entry.tags?.includes(tag) === true)],
  ];
  let pool: readonly RosterEntry[] = [...entries].sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1));
  for (const [name, keep] of filters) {
    pool = pool.filter(keep);
    if (pool.length < count) throw tooFew(name, pool.length, count);
  }
  const drawable = countWithinCap(pool, maxPerOrg);
  if (drawable < count) throw tooFew('maxPerOrg', drawable, count);
  return pool;
}

/** Tells whether a roster had these facts at a version. */
function wasThereAt({ since, left }: RosterEntry, version: number): boolean {
  return since <= version && (left === undefined || left.version > version);
}

/** How many a draw can take when it takes at most `maxPerOrg` of each MSP. */
function countWithinCap(pool: readonly RosterEntry[], maxPerOrg: number): number {
  const perMsp = new Map<string, number>();
  for (const { mspId } of pool) perMsp.set(mspId, Math.min((perMsp.get(mspId) ?? 0) + 1, maxPerOrg));
  return [...perMsp.values()].reduce((sum, count) => sum + count, 0);
}

function tooFew(filter: string, eligible: number, needed: number): EkoError {
  return new EkoError(
    'POLICY_UNSATISFIABLE',
    `Of the witnesses, ${eligible} are left after the filter ${filter}, and ${needed} are needed`,
    { details: { filter, eligible, needed } },
  );
}
