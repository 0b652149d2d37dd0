import { BundleBook, StoredBundles } from '@eko/node-kit';
import { LIMITS } from '@eko/protocol';
import { TRANSACTIONS } from '@eko/protocol/ledger';
import { witnessStateForm } from '../../../../network/witness/src/service/bundle-form';
import { WitnessShell, type WitnessShellDeps } from '../../../../network/witness/src/service/witness-shell';
import { isFinished } from '../../../../network/witness/src/core/witness-state';
import { BUNDLE_ID, assignmentRecord, bundleTerms, dealingsRecord } from '../../../support/data/ledger-facts';
import { MemoryStore } from '../../../support/simulated/memory-store';

const WITNESS = 'witness-a';
const LONG_AFTER_MS = LIMITS.clockSkewMs + 10_000;

/** What a witness puts on the ledger, some time after a bundle of its own should have been ended by the parties. */
async function submittedBy(isRetired: boolean, afterMs = LONG_AFTER_MS): Promise<readonly string[]> {
  const store = new StoredBundles(new MemoryStore(), witnessStateForm);
  const { book } = await BundleBook.open(store, (state) => isFinished(state, WITNESS));
  const bundle = bundleTerms();
  book.set(BUNDLE_ID, {
    bundle,
    assignment: assignmentRecord(),
    record: dealingsRecord(),
    held: [],
    abandoned: [],
    ended: [],
    endedOnLedger: [],
    toDestroy: [],
    unattested: [],
    permits: [],
  });
  const submitted: string[] = [];
  const shell = new WitnessShell({
    nodeId: WITNESS,
    ledger: {
      submit: (name: string) => {
        submitted.push(name);
        return Promise.resolve({});
      },
    },
    book,
    attestations: { turn: () => Promise.resolve() },
    shares: { destroy: () => Promise.resolve() },
    checkpoint: undefined,
    monotonicMs: () => 0,
    nowUnixMs: () => bundle.notAfterUnixMs + afterMs,
    observer: { destroyed: () => undefined },
    unrecordedLimitMs: 1_000,
    isRetired: () => isRetired,
  } as unknown as WitnessShellDeps);
  await shell.settle();
  return submitted;
}

describe('a witness whose parties do not record that a stream expired', () => {
  it('does it for them', async () => {
    expect(await submittedBy(false)).toEqual([TRANSACTIONS.endStream]);
  });

  it('waits until the ledger takes it from others than the parties', async () => {
    expect(await submittedBy(false, LIMITS.clockSkewMs)).toEqual([]);
  });

  it('leaves it to others once it is retired, for the ledger would refuse it again and again', async () => {
    expect(await submittedBy(true)).toEqual([]);
  });
});
