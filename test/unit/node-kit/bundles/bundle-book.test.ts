import { BundleBook } from '@eko/node-kit';
import {
  type BundleChange,
  type BundleStore,
  type KnownBundle,
  type StoredBook,
} from '../../../../network/node-kit/src/bundles/bundle-book';
import { EkoError } from '@eko/protocol';
import { type BundleTerms, type NodeRecord } from '@eko/protocol/ledger';
import type { Checkpoint } from '@eko/sdk';
import { rejectionOf } from '../../../support/coded-error';

interface State extends KnownBundle {
  readonly step: number;
}

const stateOf = (bundleId: string, step: number): State => ({
  bundle: { bundleId } as BundleTerms,
  step,
});
const nodeOf = (nodeId: string, keyEpoch: number): NodeRecord => ({ nodeId, keyEpoch }) as NodeRecord;
const at = (blockNumber: number): Checkpoint => ({
  channel: 'ch',
  chaincode: 'eko',
  blockNumber: BigInt(blockNumber),
  txId: '0'.repeat(64),
});

/** Writes that end when the test says so. */
class HeldStore implements BundleStore<State> {
  readonly changes: BundleChange<State>[] = [];
  readonly #waiting: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
  #onChange: () => void = () => undefined;

  load(): Promise<StoredBook<State>> {
    return Promise.resolve({ bundles: [], nodes: [] });
  }

  save(change: BundleChange<State>): Promise<void> {
    this.changes.push(change);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#onChange();
    });
  }

  async end(error?: Error): Promise<void> {
    while (this.#waiting.length === 0) await new Promise<void>((resolve) => (this.#onChange = resolve));
    const next = this.#waiting.shift();
    if (error === undefined) next?.resolve();
    else next?.reject(error);
  }

  get nodes(): readonly (readonly string[])[] {
    return this.changes.map(({ nodes }) => nodes.map(({ nodeId, keyEpoch }) => `${nodeId} ${keyEpoch}`));
  }

  get steps(): readonly (readonly number[])[] {
    return this.changes.map(({ bundles }) => bundles.map(({ step }) => step));
  }
}

async function open() {
  const store = new HeldStore();
  const { book } = await BundleBook.open(store, ({ step }) => step === 9);
  return { store, book };
}

describe('a book of bundles', () => {
  it('writes what comes during a write together, with the last checkpoint', async () => {
    const { store, book } = await open();
    book.set('a', stateOf('a', 1));
    const first = book.write(['a']);
    await store.end();
    await first;
    book.set('a', stateOf('a', 2));
    await book.keep(['a'], at(1));
    book.set('b', stateOf('b', 1));
    await book.keep(['b'], at(2));
    const written = book.written();
    await store.end();
    await written;
    expect(store.steps).toEqual([[1], [2, 1]]);
    expect(store.changes.map(({ checkpoint }) => checkpoint?.blockNumber)).toEqual([undefined, 2n]);
  });

  it('writes nodes with the checkpoint that their events led to, the last record of each', async () => {
    const { store, book } = await open();
    await book.keep([], at(1), nodeOf('a', 1));
    await book.keep([], at(2), nodeOf('a', 2));
    await book.keep([], at(3), nodeOf('b', 1));
    const lost = rejectionOf(book.written());
    await store.end(new EkoError('STORE_FULL', 'full'));
    await lost;
    const again = book.keep([], at(4), nodeOf('b', 2));
    await store.end();
    await again;
    expect(store.nodes).toEqual([
      ['a 2', 'b 1'],
      ['a 2', 'b 2'],
    ]);
    expect(store.changes.map(({ checkpoint }) => checkpoint?.blockNumber)).toEqual([3n, 4n]);
  });

  it('writes what was only set, once somebody waits for it', async () => {
    const { store, book } = await open();
    book.set('a', stateOf('a', 1));
    const written = book.written();
    await store.end();
    await written;
    expect(store.steps).toEqual([[1]]);
    await book.written();
    expect(store.steps).toHaveLength(1);
  });

  it('writes where it stands a little after events that changed nothing, or with the next change', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate'] });
    try {
      const { store, book } = await open();
      await book.pass(at(1));
      await book.pass(at(2), nodeOf('a', 1));
      await jest.advanceTimersByTimeAsync(199);
      expect(store.changes).toEqual([]);
      await jest.advanceTimersByTimeAsync(1);
      await store.end();
      expect(store.changes).toMatchObject([{ checkpoint: at(2), nodes: [{ nodeId: 'a' }] }]);
      await book.pass(at(3));
      book.set('a', stateOf('a', 1));
      await book.keep(['a'], at(4));
      await store.end();
      await book.written();
      // What was to be written later went with the change.
      await jest.advanceTimersByTimeAsync(1_000);
      await book.pass(at(5));
      const closed = book.close();
      await store.end();
      await closed;
      expect(store.changes.map(({ checkpoint }) => checkpoint?.blockNumber)).toEqual([2n, 4n, 5n]);
    } finally {
      jest.useRealTimers();
    }
  });

  it('keeps what it only hears of out of the store, and the place from which to hear of it again', async () => {
    const { store, book } = await open();
    await book.pass(at(1));
    book.hear('a', stateOf('a', 1));
    await book.pass(at(2));
    book.hear('b', stateOf('b', 1));
    book.amend('b', stateOf('b', 2));
    book.set('c', stateOf('c', 1));
    const write = async (bundleId: string, place: number): Promise<void> => {
      await book.keep([bundleId], at(place));
      await store.end();
      await book.written();
    };
    await write('c', 3);
    // Now this node has a part in the first, and the second is another's.
    book.set('a', stateOf('a', 3));
    await write('a', 4);
    book.drop('b');
    book.drop('a');
    book.set('c', stateOf('c', 2));
    await write('c', 5);
    expect(store.changes.map(({ since }) => since?.blockNumber)).toEqual([1n, 2n, undefined]);
    expect(store.steps).toEqual([[1], [3], [2]]);
    expect([...book.all()].map(({ bundle }) => bundle.bundleId)).toEqual(['a', 'c']);
    expect(['a', 'b', 'c'].map((bundleId) => book.isHeard(bundleId))).toEqual([false, false, false]);
  });

  it('reads again without moving its place, nor touching what is stored, until it is there again', async () => {
    const store = new HeldStore();
    const stored = { bundles: [stateOf('c', 1)], nodes: [], checkpoint: at(5), since: at(2) };
    const loading = Object.assign(Object.create(store) as HeldStore, {
      load: () => Promise.resolve(stored),
      save: (change: BundleChange<State>) => store.save(change),
    });
    const { book, checkpoint } = await BundleBook.open<State>(loading, ({ step }) => step === 9);
    expect(checkpoint).toEqual(at(2));
    expect([book.isPast('c', at(3)), book.isPast('a', at(3)), book.isPast('c', at(6))]).toEqual([
      ...[true, false, false],
    ]);
    book.hear('a', stateOf('a', 1));
    await book.pass(at(3));
    expect(book.isPast('a', at(4))).toBe(false);
    book.set('d', stateOf('d', 1));
    await book.keep(['d'], at(4));
    await store.end();
    await book.written();
    await book.pass({ ...at(5), txId: '1'.repeat(64) });
    expect(book.isPast('c', at(5))).toBe(true);
    await book.pass(at(5));
    expect(book.isPast('c', at(5))).toBe(false);
    book.set('c', stateOf('c', 2));
    await book.keep(['c'], at(6));
    await store.end();
    await book.written();
    expect(store.changes).toMatchObject([
      { checkpoint: at(5), since: at(2) },
      { checkpoint: at(6), since: at(2) },
    ]);
  });

  it('writes nothing for what no store would hold', async () => {
    const { store, book } = await open();
    book.amend('a', stateOf('a', 1));
    await book.written();
    expect([store.steps, book.get('a')?.step]).toEqual([[], 1]);
    const waited = book.until(() => book.get('a')?.step === 2, 60_000, new AbortController().signal);
    book.amend('a', stateOf('a', 2));
    await waited;
  });

  it('does not call a change written before the write that holds it has ended', async () => {
    const { store, book } = await open();
    book.set('a', stateOf('a', 1));
    await book.keep(['a'], at(1));
    let isWritten = false;
    const written = book.written().then(() => (isWritten = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect([store.steps, isWritten]).toEqual([[[1]], false]);
    await store.end();
    await written;
  });

  it('tries what it could not write again with the next change, and then waits for the answer', async () => {
    const { store, book } = await open();
    const full = new EkoError('STORE_FULL', 'full');
    book.set('a', stateOf('a', 1));
    await book.keep(['a'], at(1));
    const lost = rejectionOf(book.written());
    await store.end(full);
    expect((await lost).code).toBe('STORE_FULL');
    const again = rejectionOf(book.keep([], at(2)));
    await store.end(full);
    expect((await again).code).toBe('STORE_FULL');
    const last = book.written();
    await store.end();
    await last;
    expect(store.changes.map(({ bundles, checkpoint }) => [bundles.length, checkpoint?.blockNumber])).toEqual(
      [
        [1, 1n],
        [1, 2n],
        [1, 2n],
      ],
    );
  });

  it('forgets a finished bundle once that is written', async () => {
    const { store, book } = await open();
    book.set('a', stateOf('a', 9));
    const written = book.write(['a']);
    expect(book.get('a')?.step).toBe(9);
    await store.end();
    await written;
    expect([store.changes[0]?.forget, book.get('a')]).toEqual([['a'], undefined]);
  });
});
