import { BundleBook, StoredBundles } from '@eko/node-kit';
import { EVENTS, type LedgerEvent } from '@eko/protocol/ledger';
import type { Checkpoint } from '@eko/sdk';
import { NodeDirectory } from '@eko/sdk/node';
import { LeadBudget } from '../../../../network/orchestrator/src/core/lead-budget';
import type { LeadEffect } from '../../../../network/orchestrator/src/core/lead-messages';
import { isFinished } from '../../../../network/orchestrator/src/core/orchestrator-state';
import { LedgerRegistry } from '../../../../network/orchestrator/src/service/ledger-registry';
import {
  OrchestratorShell,
  type OrchestratorShellDeps,
} from '../../../../network/orchestrator/src/service/orchestrator-shell';
import { Outbox } from '../../../../network/orchestrator/src/service/outbox';
import { orchestratorStateForm } from '../../../../network/orchestrator/src/service/bundle-form';
import {
  BUNDLE_ID,
  accepted,
  assignmentRecord,
  at,
  endRecord,
  ended,
  reassigned,
  recorded,
} from '../../../support/data/ledger-facts';
import { MemoryEnvelopes } from '../../../support/simulated/memory-envelopes';
import { MemoryStore } from '../../../support/simulated/memory-store';
import { RecordingObserver } from '../../../support/simulated/recording-observer';

const NODE = 'orchestrator-z';
const TIMES = { leadSilenceMs: 1_000, attemptMs: 8_000, retryMs: 300, setupMs: 60_000 };

const placeOf = ({ blockNumber, txId }: LedgerEvent): Checkpoint => ({
  channel: 'trade',
  chaincode: 'eko',
  blockNumber,
  txId,
});

/** An orchestrator that is assigned to nothing, started over what a disk has. */
async function start(disk: MemoryStore) {
  const { book, checkpoint } = await BundleBook.open(
    new StoredBundles(disk, orchestratorStateForm),
    (state) => isFinished(state, NODE),
  );
  const effects: LeadEffect[] = [];
  let unixMs = 1_000_000;
  // Only what events and time touch.
  const shell = new OrchestratorShell({
    nodeId: NODE,
    book,
    checkpoint,
    registry: new LedgerRegistry(
      new NodeDirectory(),
      { evaluate: () => Promise.reject(new Error('nothing is read')) },
      () => Promise.resolve(),
    ),
    outbox: new Outbox(disk, new MemoryEnvelopes(disk)),
    dealer: { forget: () => undefined },
    prover: { prepare: () => undefined },
    leads: {
      perform: (_state: unknown, effect: LeadEffect) => {
        effects.push(effect);
        return Promise.resolve(undefined);
      },
      forget: () => undefined,
    },
    times: TIMES,
    budget: new LeadBudget(10),
    monotonicMs: () => unixMs,
    nowUnixMs: () => unixMs,
    observer: new RecordingObserver(),
  } as unknown as OrchestratorShellDeps);
  shell.lead();
  const follow = async (...events: readonly LedgerEvent[]) => {
    for (const event of events) await shell.apply(event, placeOf(event));
  };
  const pass = (ms: number): void => {
    unixMs += ms;
    shell.tick();
  };
  return { book, checkpoint, effects, follow, pass };
}

describe("a bundle that others are to deal, at an orchestrator's", () => {
  it.each([
    ['recorded', recorded(9)],
    ['ended', ended(9, endRecord())],
  ])('is in memory alone, and in none once it is %s', async (_how, event) => {
    const disk = new MemoryStore();
    const { book, follow } = await start(disk);
    await follow(accepted(3));
    expect(book.get(BUNDLE_ID)).toBeDefined();
    await book.close();
    expect((await new StoredBundles(disk, orchestratorStateForm).load()).bundles).toEqual([]);
    await follow(event);
    expect(book.get(BUNDLE_ID)).toBeUndefined();
  });

  it.each([
    ['the first of all', []],
    ['a later one', [at(2, { name: EVENTS.heartbeat, payload: { nodeId: 'lead', atUnixMs: 1 } })]],
  ])(
    'is heard of again after a crash, %s, and moved to the next set when its lease runs out',
    async (_, earlier) => {
      const disk = new MemoryStore();
      const first = await start(disk);
      await first.follow(...earlier, accepted(3));
      await first.book.close();

      const second = await start(disk);
      expect(second.checkpoint?.blockNumber).toBe(earlier[0]?.blockNumber);
      await second.follow(accepted(3));
      second.pass(30_000);
      expect(second.effects).toEqual([{ kind: 'reassign', argument: { bundleId: BUNDLE_ID, fence: 0 } }]);
    },
  );

  it('is kept on the disk from the event on that assigns this one', async () => {
    const disk = new MemoryStore();
    const { book, follow } = await start(disk);
    await follow(accepted(3), reassigned(4, assignmentRecord({ fence: 1, orchestrators: [NODE] })));
    await book.close();
    const { bundles } = await new StoredBundles(disk, orchestratorStateForm).load();
    expect(bundles).toMatchObject([{ assignment: { fence: 1, orchestrators: [NODE] } }]);
  });

  it('is forgotten when nobody dealt it in its time', async () => {
    const { book, follow, pass } = await start(new MemoryStore());
    await follow(accepted(3));
    pass(10 * 60_000);
    expect(book.get(BUNDLE_ID)).toBeUndefined();
  });
});
