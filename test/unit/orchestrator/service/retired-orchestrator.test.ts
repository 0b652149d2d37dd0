import { EVENTS, TRANSACTIONS, type NodeRecord } from '@eko/protocol/ledger';
import { SeenBeats } from '@eko/node-kit';
import { NodeDirectory } from '@eko/sdk/node';
import { Heartbeat } from '../../../../network/orchestrator/src/service/heartbeat';
import { LedgerRegistry } from '../../../../network/orchestrator/src/service/ledger-registry';
import {
  OrchestratorShell,
  type OrchestratorShellDeps,
} from '../../../../network/orchestrator/src/service/orchestrator-shell';
import { LeadBudget } from '../../../../network/orchestrator/src/core/lead-budget';
import type { LeadEffect } from '../../../../network/orchestrator/src/core/lead-messages';
import { at } from '../../../support/data/ledger-facts';
import { DealerHarness } from '../../../support/simulated/dealer-harness';
import { RecordingObserver } from '../../../support/simulated/recording-observer';

const LEAD = 'orchestrator-a';
const TIMES = { leadSilenceMs: 1_000, attemptMs: 8_000, retryMs: 300, setupMs: 60_000 };

/** The shell of the bundle's first orchestrator, with a note of what it does to lead. */
async function newShell() {
  const harness = await DealerHarness.open();
  const effects: LeadEffect['kind'][] = [];
  const ledger = { evaluate: () => Promise.reject(new Error('nothing is read')) };
  const registry = new LedgerRegistry(new NodeDirectory(), ledger, () => Promise.resolve());
  registry.directory.restore([...harness.registry.nodes.values()]);
  let nowMs = 0;
  // Only what leading touches.
  const parts = {
    nodeId: LEAD,
    book: harness.book,
    registry,
    outbox: harness.outbox,
    leads: {
      perform: (_state: unknown, { kind }: LeadEffect) => {
        effects.push(kind);
        return Promise.resolve(undefined);
      },
    },
    times: TIMES,
    budget: new LeadBudget(10),
    monotonicMs: () => nowMs,
    nowUnixMs: () => harness.nowUnixMs,
    observer: new RecordingObserver(),
  } as unknown as OrchestratorShellDeps;
  const shell = new OrchestratorShell(parts);
  await shell.resume();
  const pass = (milliseconds: number): void => {
    nowMs += milliseconds;
    shell.tick();
  };
  return { harness, shell, effects, pass };
}

describe('an orchestrator', () => {
  it.each(['active', 'retired'] as const)('that is %s leads accordingly', async (status) => {
    const { harness, shell, effects, pass } = await newShell();
    const own = harness.registry.node(LEAD);
    if (own === undefined) throw new RangeError('no lead');
    const node: NodeRecord = { ...own, status };
    const checkpoint = { channel: 'trade', chaincode: 'eko', blockNumber: 9n, txId: own.txId };
    const name = status === 'retired' ? EVENTS.nodeRetired : EVENTS.nodeUpdated;
    await shell.apply(at(9, { name, payload: { node } }), checkpoint);
    shell.lead();
    pass(5_000);
    expect(effects).toEqual(status === 'retired' ? [] : ['requestProof', 'requestProof']);
  });

  it.each([
    [false, [TRANSACTIONS.heartbeat]],
    [true, []],
  ])('beats where nobody else does, unless it is retired (%s)', async (isRetired, beats) => {
    const submitted: string[] = [];
    let nowMs = 0;
    const heartbeat = new Heartbeat({
      nodeId: LEAD,
      ledger: {
        submit: (name: string) => {
          submitted.push(name);
          return Promise.resolve({ txId: '', blockNumber: 1n, result: {} as never });
        },
      },
      beats: new SeenBeats({ nodeId: LEAD, mspOf: () => undefined, monotonicMs: () => nowMs }),
      observer: new RecordingObserver(),
      monotonicMs: () => nowMs,
      heartbeatMs: 1_000,
      beaters: () => [],
      isRetired: () => isRetired,
      submitMs: 1_000,
    });
    nowMs += 1_000;
    await heartbeat.tick();
    expect(submitted).toEqual(beats);
  });
});
