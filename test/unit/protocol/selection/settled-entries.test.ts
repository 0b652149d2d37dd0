import { settledEntries, type RosterEntry } from '@eko/protocol/ledger';

const entry = (nodeId: string, change: Partial<RosterEntry> = {}): RosterEntry => ({
  nodeId,
  mspId: 'Org1MSP',
  since: 1,
  ...change,
});

describe('who may prove for a draw', () => {
  it('is who is in the roster now with the facts that it had at the request', () => {
    const roster = [
      entry('orchestrator-a'),
      entry('orchestrator-b', { since: 3 }),
      entry('orchestrator-c', { since: 4 }),
      entry('orchestrator-d', { left: { version: 2, atUnixMs: 1 } }),
      entry('orchestrator-e', { left: { version: 5, atUnixMs: 1 } }),
      entry('orchestrator-e', { since: 5 }),
    ];
    expect(settledEntries(roster, 3).map(({ nodeId }) => nodeId)).toEqual([
      'orchestrator-a',
      'orchestrator-b',
    ]);
  });
});
