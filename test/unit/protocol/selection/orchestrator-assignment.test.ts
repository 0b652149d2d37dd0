import {
  assignOrchestrators,
  type AssignmentCandidate,
} from '../../../../client-sdk/protocol/src/selection/rendezvous';
import { chiSquare } from '../../../support/random';
import { codedError } from '../../../support/coded-error';
import { referenceHash } from './reference-draw';

const candidatesOf = (...perMsp: readonly number[]): AssignmentCandidate[] =>
  perMsp.flatMap((nodes, msp) =>
    Array.from({ length: nodes }, (_, n) => ({ nodeId: `o${msp}-${n}`, mspId: `Org${msp}MSP` })),
  );
const seedOf = (n: number) => new Uint8Array(referenceHash(`seed ${n}`));
const mspsOf = (set: readonly string[]) => set.map((nodeId) => nodeId.slice(0, nodeId.indexOf('-')));
/** The sets of all fences, with the candidates that are left at each. */
function setsOf(seed: Uint8Array, dealers: number, candidates: readonly AssignmentCandidate[], fences = 3) {
  const byId = new Map(candidates.map((candidate) => [candidate.nodeId, candidate]));
  const sets: (readonly string[])[] = [];
  for (let fence = 0; fence < fences; fence += 1) {
    const earlier = sets.map((set) => set.flatMap((nodeId) => byId.get(nodeId) ?? []));
    sets.push(assignOrchestrators(candidates, { seed, dealers, earlier }));
  }
  return sets;
}

describe('the first assignment', () => {
  const candidates = candidatesOf(2, 2, 2);
  const first = (n: number, dealers: number, entries = candidates) =>
    assignOrchestrators(entries, { seed: seedOf(n), dealers, earlier: [] });

  it('is of distinct organisations as far as there are any, and of nobody twice', () => {
    for (let n = 0; n < 50; n += 1) {
      expect(new Set(mspsOf(first(n, 3))).size).toBe(3);
      const five = first(n, 5);
      expect(five.slice(0, 3)).toEqual(first(n, 3));
      expect(new Set(five).size).toBe(5);
    }
  });

  it('ranks organisations, and the nodes of each, by hashes of seed, fence and name', () => {
    const [fence, seed] = [Buffer.alloc(4), seedOf(1)];
    const rank = (label: string, name: string) => referenceHash(label, seed, fence, name).toString('hex');
    const msps = ['Org0MSP', 'Org1MSP', 'Org2MSP'].sort((a, b) =>
      rank('eko/1 organisation rank', a) < rank('eko/1 organisation rank', b) ? -1 : 1,
    );
    const seats = msps.map((mspId) =>
      candidates
        .filter((candidate) => candidate.mspId === mspId)
        .map(({ nodeId }) => nodeId)
        .sort((a, b) => (rank('eko/1 orchestrator rank', a) < rank('eko/1 orchestrator rank', b) ? -1 : 1)),
    );
    expect(first(1, 6)).toEqual([...seats.map(([one]) => one), ...seats.map(([, two]) => two)]);
  });

  it('gives an organisation no better place for running many nodes', () => {
    const many = candidatesOf(64, 1, 1, 1, 1);
    const leads = Array.from({ length: 600 }, (_, n) => mspsOf(first(n, 1, many))[0]!);
    const counts = ['o0', 'o1', 'o2', 'o3', 'o4'].map((msp) => leads.filter((lead) => lead === msp).length);
    // 99.9 % quantile of chi-square with 4 degrees of freedom.
    expect(chiSquare(counts, 120)).toBeLessThan(18.47);
  });

  it('does not depend on the order of the candidates, and keeps the others in place when somebody joins', () => {
    const alone = candidatesOf(1, 1, 1, 1);
    expect(first(3, 4, [...alone].reverse())).toEqual(first(3, 4, alone));
    const joined = first(3, 5, [...alone, { nodeId: 'o9-0', mspId: 'Org9MSP' }]);
    expect(joined.filter((nodeId) => nodeId !== 'o9-0')).toEqual(first(3, 4, alone));
  });

  it('refuses more dealers than there are', () => {
    const error = codedError(() => first(1, 7));
    expect(error.code).toBe('POLICY_UNSATISFIABLE');
    expect(error.details).toEqual({ filter: 'orchestrators', eligible: 6, needed: 7 });
  });
});

describe('the assignment after a lease', () => {
  it('is of the organisations that sat least often', () => {
    for (let n = 0; n < 100; n += 1) {
      const sets = setsOf(seedOf(n), 2, candidatesOf(1, 1, 1, 1, 1)).map(mspsOf);
      expect(new Set([...sets[0]!, ...sets[1]!]).size).toBe(4);
      const rested = ['o0', 'o1', 'o2', 'o3', 'o4'].find((msp) => !sets.slice(0, 2).flat().includes(msp));
      expect(sets[2]![0]).toBe(rested);
    }
  });

  it('takes a node again only where its organisation has no other', () => {
    for (let n = 0; n < 100; n += 1) {
      const sets = setsOf(seedOf(n), 2, candidatesOf(1, 3));
      for (const set of sets) expect(mspsOf(set).sort()).toEqual(['o0', 'o1']);
      expect(new Set(sets.flat()).size).toBe(4);
    }
  });

  it('is drawn anew by rank among those that sat equally often', () => {
    const thirds = Array.from({ length: 300 }, (_, n) => setsOf(seedOf(n), 2, candidatesOf(1, 1, 1, 1))[2]!);
    const pairs = new Map<string, number>();
    for (const set of thirds) {
      const pair = [...set].sort().join();
      pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
    }
    expect(pairs.size).toBe(6);
    // 99.9 % quantile of chi-square with 5 degrees of freedom.
    expect(chiSquare([...pairs.values()], 50)).toBeLessThan(20.52);
  });

  it('never has fewer organisations than the first one had, however many nodes are left', () => {
    const all = candidatesOf(4, 1, 1);
    const seed = seedOf(1);
    const first = assignOrchestrators(all, { seed, dealers: 2, earlier: [] });
    const earlier = [all.filter(({ nodeId }) => first.includes(nodeId))];
    const left = all.filter(({ mspId }) => mspId === 'Org0MSP');
    const error = codedError(() => assignOrchestrators(left, { seed, dealers: 2, earlier }));
    expect(error.code).toBe('POLICY_UNSATISFIABLE');
    expect(error.details).toEqual({ filter: 'organisations', eligible: 1, needed: 2 });
    expect(assignOrchestrators(left, { seed, dealers: 2, earlier: [left.slice(0, 1)] })).toHaveLength(2);
  });
});
