import { TRANSACTIONS } from '@eko/protocol/ledger';
import { BundleBook, StoredBundles } from '@eko/node-kit';
import type { Ledger } from '@eko/sdk';
import { AttestationSender, NodeDirectory } from '@eko/sdk/node';
import { orchestratorStateForm } from '../../../../network/orchestrator/src/service/bundle-form';
import { LedgerRegistry } from '../../../../network/orchestrator/src/service/ledger-registry';
import {
  OrchestratorShell,
  type OrchestratorShellDeps,
} from '../../../../network/orchestrator/src/service/orchestrator-shell';
import { LeadBudget } from '../../../../network/orchestrator/src/core/lead-budget';
import { isFinished } from '../../../../network/orchestrator/src/core/orchestrator-state';
import {
  BUNDLE_ID,
  dealingId,
  dealingsRecord,
  endRecord,
  ended,
  recorded,
  txId,
} from '../../../support/data/ledger-facts';
import { DealerHarness } from '../../../support/simulated/dealer-harness';
import { MemoryStore } from '../../../support/simulated/memory-store';
import { nextTurn } from '../../../support/simulated/process-life';

const NODE = 'orchestrator-b';
const NEVER = new AbortController().signal;
const TIMES = { leadSilenceMs: 1_000, attemptMs: 8_000, retryMs: 300, setupMs: 60_000 };
const checkpoint = (block: number) => ({
  channel: 'trade',
  chaincode: 'eko',
  blockNumber: BigInt(block),
  txId: txId(block),
});

/** A dealer that has dealt a bundle, over a disk that can fail or take its time. */
async function newDealer() {
  const harness = await DealerHarness.open();
  const dealer = harness.dealer();
  const { dealing } = await dealer.deal('orchestrator-a', harness.request(), NEVER);
  const disk = { isBroken: false, work: () => Promise.resolve() };
  const destroy = harness.outbox.destroy.bind(harness.outbox);
  harness.outbox.destroy = async (...toDestroy) => {
    await disk.work();
    if (disk.isBroken) throw new Error('EIO');
    await destroy(...toDestroy);
  };
  const attested: string[] = [];
  const store = new MemoryStore();
  const form = new StoredBundles(store, orchestratorStateForm);
  let nowMs = 0;
  const open = async () => {
    const { book } = await BundleBook.open(form, (state) => isFinished(state, NODE));
    const ledger = {
      channel: 'trade',
      evaluate: () => Promise.reject(new Error('nothing is read')),
      submit: (name: string) => {
        attested.push(name);
        return Promise.resolve();
      },
    };
    const attestations = new AttestationSender({
      nodeId: NODE,
      sign: () => new Uint8Array(64),
      ledger: ledger as unknown as Ledger,
      monotonicMs: () => nowMs,
      observer: { submitted: () => undefined, refused: () => undefined },
    });
    // Only what an active bundle touches.
    const parts = {
      nodeId: NODE,
      attestations,
      book,
      registry: new LedgerRegistry(new NodeDirectory(), ledger, () => Promise.resolve()),
      outbox: harness.outbox,
      dealer,
      lanes: { add: () => undefined },
      leads: { forget: () => undefined },
      times: TIMES,
      budget: new LeadBudget(10),
      monotonicMs: () => nowMs,
      nowUnixMs: () => harness.nowUnixMs,
      observer: harness.observer,
    } as unknown as OrchestratorShellDeps;
    return { book, shell: new OrchestratorShell(parts) };
  };
  const first = await open();
  first.book.set(BUNDLE_ID, harness.book.get(BUNDLE_ID) ?? harness.state);
  first.shell.lead();
  const record = dealingsRecord({ dealings: [dealing] });
  const recordIt = () => first.shell.apply(recorded(2, record), checkpoint(2));
  const end = () => first.shell.apply(ended(3, endRecord()), checkpoint(3));
  /** One tick, and all that it starts. */
  const tick = async (shell: OrchestratorShell) => {
    nowMs += 5_000;
    shell.tick();
    for (let turn = 0; turn < 20; turn += 1) await nextTurn();
    await shell.attest();
  };
  const stored = async () => (await harness.outbox.list()).length;
  return { ...first, harness, open, recordIt, end, tick, stored, disk, attested, observer: harness.observer };
}

/** The same, on record. */
async function newDealerOfRecord() {
  const dealer = await newDealer();
  await dealer.recordIt();
  return dealer;
}

describe('an orchestrator that dealt a bundle of which one stream has ended', () => {
  /** Who still has an envelope in the outbox. */
  const waitingOf = async ({ harness }: Awaited<ReturnType<typeof newDealer>>) => {
    const [key] = await harness.outbox.list();
    return key === undefined ? [] : harness.outbox.waiting(key);
  };
  const endOne = ended(3, endRecord({ index: 0 }));

  it('keeps nothing sealed for its parties and witnesses, and attests when the bundle is over', async () => {
    const dealer = await newDealerOfRecord();
    const { shell, tick, end, stored, attested } = dealer;
    expect(await waitingOf(dealer)).toEqual(expect.arrayContaining(['initiator', 'provider']));
    await shell.apply(endOne, checkpoint(3));
    expect(await waitingOf(dealer)).toEqual([]);
    await tick(shell);
    expect([await stored(), attested]).toEqual([1, []]);
    await end();
    await tick(shell);
    expect([await stored(), attested]).toEqual([0, [TRANSACTIONS.attestDestruction]]);
  });

  it('attests where a crash came between the destruction and what would have said so', async () => {
    const dealer = await newDealerOfRecord();
    await dealer.book.written();
    const [key] = await dealer.harness.outbox.list();
    if (key === undefined) throw new RangeError('the dealing waits for its holders');
    await dealer.harness.outbox.destroy(key.bundleId, [key.dealingId]);

    const later = await dealer.open();
    await later.shell.resume();
    await later.shell.apply(ended(3, endRecord()), checkpoint(3));
    await dealer.tick(later.shell);
    expect(dealer.attested).toEqual([TRANSACTIONS.attestDestruction]);
  });

  it('does so after a failure, and after a restart', async () => {
    const failing = await newDealerOfRecord();
    const { outbox } = failing.harness;
    const release = outbox.release.bind(outbox);
    outbox.release = () => Promise.reject(new Error('EIO'));
    await failing.shell.apply(endOne, checkpoint(3));
    await failing.tick(failing.shell);
    expect(await waitingOf(failing)).not.toEqual([]);
    await failing.book.written();
    const later = await failing.open();
    outbox.release = release;
    await later.shell.resume();
    expect(await waitingOf(failing)).toEqual([]);

    const again = await newDealerOfRecord();
    const { outbox: other } = again.harness;
    const once = other.release.bind(other);
    other.release = () => Promise.reject(new Error('EIO'));
    await again.shell.apply(endOne, checkpoint(3));
    other.release = once;
    await again.tick(again.shell);
    expect(await waitingOf(again)).toEqual([]);
  });
});

describe('an orchestrator whose dealing has ended', () => {
  it('attests once the envelopes are destroyed', async () => {
    const { shell, end, tick, stored, attested } = await newDealerOfRecord();
    await end();
    expect(await stored()).toBe(0);
    await tick(shell);
    expect(attested).toEqual([TRANSACTIONS.attestDestruction]);
  });

  it('attests nothing while they cannot be destroyed, and tries again', async () => {
    const { shell, end, tick, stored, disk, attested, observer } = await newDealerOfRecord();
    disk.isBroken = true;
    await end();
    await tick(shell);
    await tick(shell);
    expect(attested).toEqual([]);
    expect(observer.warnings).toHaveLength(3);
    disk.isBroken = false;
    await tick(shell);
    expect(await stored()).toBe(0);
    expect(attested).toEqual([TRANSACTIONS.attestDestruction]);
  });

  it('destroys and attests after a restart that came before either', async () => {
    const { book, end, open, tick, stored, disk, attested } = await newDealerOfRecord();
    disk.isBroken = true;
    await end();
    await book.written();
    disk.isBroken = false;
    const next = await open();
    expect(next.book.get(BUNDLE_ID)).toMatchObject({ ended: 'all', owesAttestation: false });
    await next.shell.resume();
    expect(await stored()).toBe(0);
    next.shell.lead();
    await tick(next.shell);
    expect(attested).toEqual([TRANSACTIONS.attestDestruction]);
  });

  it('forgets nothing that happened while the disk worked', async () => {
    const { harness, book, shell, recordIt, end, tick, disk, attested } = await newDealer();
    const before = book.get(BUNDLE_ID) ?? harness.state;
    book.set(BUNDLE_ID, { ...before, outbox: [...before.outbox, dealingId('x')] });
    harness.nowUnixMs = before.bundle.notAfterUnixMs;
    let finish = (): void => undefined;
    disk.work = () =>
      new Promise((resolve) => {
        finish = resolve;
      });
    const recording = recordIt();
    await nextTurn();
    disk.work = () => Promise.resolve();
    // Its time is over: what is on record goes as well, before the other is gone.
    await tick(shell);
    finish();
    await recording;
    await tick(shell);
    expect(book.get(BUNDLE_ID)).toMatchObject({ outbox: [], destroying: [], owesAttestation: true });
    await end();
    await tick(shell);
    expect(attested).toEqual([TRANSACTIONS.attestDestruction]);
  });
});
