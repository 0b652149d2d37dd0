import { compareBytes, uint32Bytes } from '../encoding/bytes';
import { EkoError } from '../errors';
import { LABELS } from '../crypto/key-labels';
import { labelledHash } from '../crypto/labelled-hash';
import type { RosterEntry } from '../ledger/schemas/nodes';

/** An orchestrator as assignment sees it. */
export type AssignmentCandidate = Pick<RosterEntry, 'nodeId' | 'mspId'>;

/** What an assignment follows from, besides its candidates. */
export interface AssignmentTerms {
  /** 32 bytes, from `assignmentSeed`. */
  readonly seed: Uint8Array;
  /** How many deal. */
  readonly dealers: number;
  /** The sets of the fences before, in their order; as many as the fence's number. */
  readonly earlier: readonly (readonly AssignmentCandidate[])[];
  /** How many organisations had orchestrators at the request; the first set is not of fewer, as far as it has seats. */
  readonly organisations?: number | undefined;
}

/**
 * Assigns the orchestrators of one fence, by organisation first and then by node, so that running many nodes buys nobody
 * a place. Organisations are ranked by how many fences they have sat in, then by a hash of seed, fence and MSP; the nodes
 * of each by how many fences they have sat in, then by a hash of seed, fence and node. Each organisation in turn gives
 * its next node until there are enough. So who sat is taken again only where the others are too few, and a set never has
 * fewer organisations than the first one: where that cannot be, there is none.
 *
 * @param candidates - from `settledEntries`: in the roster at the request, and still
 * @returns node IDs, the lead first
 * @throws EkoError `POLICY_UNSATISFIABLE` where no such set exists
 * @see docs/protocol.md, "1. Request and consent"
 */
export function assignOrchestrators(
  candidates: readonly AssignmentCandidate[],
  { seed, dealers, earlier, organisations: atRequest = 1 }: AssignmentTerms,
): readonly string[] {
  if (candidates.length < dealers) throw tooFew('orchestrators', candidates.length, dealers);
  const fence = uint32Bytes(earlier.length);
  const organisations = ranked(
    groupByMsp(candidates),
    ([mspId]) => timesSat(earlier, (each) => each.mspId === mspId),
    ([mspId]) => labelledHash(LABELS.organisationRank, seed, fence, mspId),
  );
  const [first] = earlier;
  const needed =
    first === undefined ? Math.min(dealers, atRequest) : new Set(first.map(({ mspId }) => mspId)).size;
  if (organisations.length < needed) throw tooFew('organisations', organisations.length, needed);
  // Where there are more, none of them gets a seat.
  const seats = organisations.slice(0, dealers).map(([, nodes]) =>
    ranked(
      nodes,
      ({ nodeId }) => timesSat(earlier, (each) => each.nodeId === nodeId),
      ({ nodeId }) => labelledHash(LABELS.orchestratorRank, seed, fence, nodeId),
    ),
  );
  return inTurns(seats)
    .slice(0, dealers)
    .map(({ nodeId }) => nodeId);
}

/** The first of each list, then the second of each, and so on. */
function inTurns<Item>(lists: readonly (readonly Item[])[]): readonly Item[] {
  const rounds = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: rounds }, (_, round) =>
    lists.flatMap((list) => list.slice(round, round + 1)),
  ).flat();
}

function groupByMsp(
  candidates: readonly AssignmentCandidate[],
): readonly (readonly [mspId: string, nodes: readonly AssignmentCandidate[]])[] {
  const groups = new Map<string, AssignmentCandidate[]>();
  for (const candidate of candidates) {
    const group = groups.get(candidate.mspId);
    if (group === undefined) groups.set(candidate.mspId, [candidate]);
    else group.push(candidate);
  }
  return [...groups];
}

function ranked<Item>(
  items: readonly Item[],
  sat: (item: Item) => number,
  rank: (item: Item) => Uint8Array,
): readonly Item[] {
  return items
    .map((item) => ({ item, sat: sat(item), rank: rank(item) }))
    .sort((a, b) => a.sat - b.sat || compareBytes(a.rank, b.rank))
    .map(({ item }) => item);
}

function timesSat(
  earlier: AssignmentTerms['earlier'],
  isMeant: (seat: AssignmentCandidate) => boolean,
): number {
  return earlier.filter((set) => set.some(isMeant)).length;
}

function tooFew(filter: string, eligible: number, needed: number): EkoError {
  return new EkoError(
    'POLICY_UNSATISFIABLE',
    `Of the ${filter}, ${eligible} can be assigned, and ${needed} are needed`,
    {
      details: { filter, eligible, needed },
    },
  );
}
