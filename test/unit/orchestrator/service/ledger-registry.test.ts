import { EVENTS, TRANSACTIONS, type NodeRecord, type Roster } from '@eko/protocol/ledger';
import type { Ledger } from '@eko/sdk';
import { NodeDirectory } from '@eko/sdk/node';
import { LedgerRegistry } from '../../../../network/orchestrator/src/service/ledger-registry';
import { at } from '../../../support/data/ledger-facts';
import { rejectionOf } from '../../../support/coded-error';
import { nodeRecordOf } from '../../../support/in-process/node-pair';

const rosterOf = (...nodeIds: string[]): Roster => ({
  version: nodeIds.length,
  entries: nodeIds.map((nodeId, place) => ({ nodeId, mspId: 'Org1MSP', since: place + 1 })),
});
const OLD = rosterOf('witness-a');
const NEW = rosterOf('witness-a', 'witness-b');

describe('the rosters of an orchestrator', () => {
  let answers: Roster[];
  let reads: number;
  let pauses: number[];
  let registry: LedgerRegistry;

  beforeEach(() => {
    answers = [];
    reads = 0;
    pauses = [];
    const ledger = {
      evaluate: (name: string) => {
        expect(name).toBe(TRANSACTIONS.readRoster);
        reads += 1;
        const answer = answers.length > 1 ? answers.shift() : answers[0];
        return Promise.resolve(answer);
      },
    } as unknown as Pick<Ledger, 'evaluate'>;
    registry = new LedgerRegistry(new NodeDirectory(), ledger, (milliseconds) => {
      pauses.push(milliseconds);
      return Promise.resolve();
    });
  });

  it('are read once and without a pause while no peer is behind', async () => {
    answers = [NEW];
    expect(await registry.roster('witness', 2)).toEqual(NEW.entries);
    expect(await registry.roster('witness', 1)).toEqual(NEW.entries);
    expect([reads, pauses]).toEqual([1, []]);
  });

  it('are read again where the peer that answers lacks the version that a bundle names', async () => {
    answers = [OLD, OLD, NEW];
    expect(await registry.roster('witness', 2)).toEqual(NEW.entries);
    expect([reads, pauses.length]).toEqual([3, 2]);
  });

  it('are read again for a bundle that names a later version than the one at hand', async () => {
    answers = [OLD, NEW];
    expect(await registry.roster('witness', 1)).toEqual(OLD.entries);
    expect(await registry.roster('witness', 2)).toEqual(NEW.entries);
    expect(reads).toBe(2);
  });

  it('end where the peer stays behind, and asked for anew by the next', async () => {
    answers = [OLD];
    const error = await rejectionOf(registry.roster('witness', 2));
    expect(error).toMatchObject({ code: 'LEDGER_UNAVAILABLE', details: { needed: 2, seen: 1 } });
    expect([reads, pauses.length]).toEqual([6, 5]);
    answers = [NEW];
    expect(await registry.roster('witness', 2)).toEqual(NEW.entries);
  });

  it('are read again after a node changed', async () => {
    answers = [NEW, rosterOf('witness-a', 'witness-b', 'witness-c')];
    await registry.roster('witness', 1);
    const node: NodeRecord = nodeRecordOf('witness-c', new Uint8Array(8), 1);
    registry.apply(at(4, { name: EVENTS.nodeRegistered, payload: { node } }));
    expect(await registry.roster('witness', 1)).toHaveLength(3);
    expect(registry.node('witness-c')).toEqual(node);
  });
});
