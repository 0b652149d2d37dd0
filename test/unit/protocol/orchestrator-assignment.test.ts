import { assignOrchestrators } from '@eko/protocol';
import { chiSquare } from '../../support/chi-square';
import { codedError } from '../../support/coded-error';
import { referenceHash } from '../../support/protocol/reference-draw';

describe('assignment of orchestrators', () => {
  const entries = Array.from({ length: 6 }, (_, i) => ({ nodeId: `o${i}`, mspId: `Org${i % 3}MSP` }));
  const bundle = { bundleId: 'b', requestTxId: 't', dealers: 3, fence: 0 };
  const mspOf = (nodeId: string) => entries.find((entry) => entry.nodeId === nodeId)!.mspId;

  it('is of distinct MSPs as far as the roster allows', () => {
    for (let i = 0; i < 50; i += 1) {
      const three = assignOrchestrators(entries, { ...bundle, requestTxId: `t${i}` });
      expect(new Set(three.map(mspOf)).size).toBe(3);
      const five = assignOrchestrators(entries, { ...bundle, requestTxId: `t${i}`, dealers: 5 });
      expect(five.slice(0, 3)).toEqual(three);
      expect(new Set(five).size).toBe(5);
    }
  });

  it('ranks by the hash of bundle, transaction, fence and node', () => {
    const alone = entries.map((entry) => ({ ...entry, mspId: entry.nodeId }));
    const rank = (nodeId: string) =>
      referenceHash('eko/1 orchestrator rank', 'b', 't', Buffer.from([0, 0, 0, 2]), nodeId).toString('hex');
    const expected = alone.map((entry) => entry.nodeId).sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
    expect(assignOrchestrators(alone, { ...bundle, dealers: 6, fence: 2 })).toEqual(expected);
  });

  it('spreads the lead over everybody', () => {
    const leads = Array.from(
      { length: 600 },
      (_, i) => assignOrchestrators(entries, { ...bundle, requestTxId: `t${i}` })[0]!,
    );
    const counts = entries.map((entry) => leads.filter((lead) => lead === entry.nodeId).length);
    // 99.9 % quantile of chi-square with 5 degrees of freedom.
    expect(chiSquare(counts, 100)).toBeLessThan(20.52);
  });

  it('keeps the others in place when somebody joins', () => {
    const joined = { nodeId: 'o9', mspId: 'Org9MSP' };
    const alone = entries.map((entry) => ({ ...entry, mspId: entry.nodeId }));
    const before = assignOrchestrators(alone, { ...bundle, dealers: 6 });
    const after = assignOrchestrators([...alone, joined], { ...bundle, dealers: 7 });
    expect(after.filter((nodeId) => nodeId !== 'o9')).toEqual(before);
  });

  it('leaves out the excluded while there are others', () => {
    const excluded = ['o0', 'o1', 'o2'];
    const three = assignOrchestrators(entries, { ...bundle, excluded });
    expect(three.some((nodeId) => excluded.includes(nodeId))).toBe(false);
    const four = assignOrchestrators(entries, { ...bundle, dealers: 4, excluded });
    expect(four.slice(0, 3)).toEqual(three);
    expect(excluded).toContain(four[3]);
  });

  it('refuses more dealers than there are', () => {
    const error = codedError(() => assignOrchestrators(entries, { ...bundle, dealers: 7 }));
    expect(error.code).toBe('POLICY_UNSATISFIABLE');
    expect(error.details).toEqual({ filter: 'orchestrators', eligible: 6, needed: 7 });
  });
});
