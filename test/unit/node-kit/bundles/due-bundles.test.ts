import { BundleBook, DueBundles, type BundleWatcher } from '@eko/node-kit';
import type { BundleStore, KnownBundle } from '../../../../network/node-kit/src/bundles/bundle-book';
import type { BundleTerms } from '@eko/protocol/ledger';

interface State extends KnownBundle {
  readonly until: number;
  readonly isFinished?: boolean;
}

const stateOf = (bundleId: string, until: number, isFinished = false): State => ({
  bundle: { bundleId } as BundleTerms,
  until,
  isFinished,
});

async function openBook(...bundles: readonly State[]): Promise<BundleBook<State>> {
  const store: BundleStore<State> = {
    load: () => Promise.resolve({ bundles, nodes: [] }),
    save: () => Promise.resolve(),
  };
  const { book } = await BundleBook.open(store, ({ isFinished }) => isFinished === true);
  return book;
}

describe('the bundles that are due', () => {
  it('are those whose rest is over, from the store as from events, and by their last state', async () => {
    const book = await openBook(stateOf('a', 10), stateOf('b', 0), stateOf('c', Infinity));
    const due = new DueBundles(book, ({ until }) => until);
    expect([due.at(9), due.at(10), due.at(9)]).toEqual([['b'], ['b', 'a'], ['b']]);
    book.set('d', stateOf('d', 5));
    book.set('a', stateOf('a', 20));
    book.amend('b', stateOf('b', Infinity));
    expect([due.at(4), due.at(5)]).toEqual([[], ['d']]);
    expect([due.at(20), due.at(Number.MAX_VALUE)].map((ids) => [...ids].sort())).toEqual([
      ['a', 'd'],
      ['a', 'd'],
    ]);
  });

  it('are none that the book forgot, because it was written as finished or dropped', async () => {
    const book = await openBook(stateOf('a', 0));
    const due = new DueBundles(book, ({ until }) => until);
    book.hear('b', stateOf('b', 0));
    expect(due.at(0)).toEqual(['a', 'b']);
    book.drop('b');
    book.set('a', stateOf('a', 0, true));
    await book.write(['a']);
    expect(due.at(0)).toEqual([]);
  });
});

describe('who watches a book', () => {
  it('can keep a sum of what is in it, whatever happens', async () => {
    const book = await openBook(stateOf('a', 1), stateOf('b', 2));
    let sum = 0;
    const count: BundleWatcher<State> = (_, after, before) => {
      sum += (after?.until ?? 0) - (before?.until ?? 0);
    };
    book.watch(count);
    const total = (): number => [...book.all()].reduce((all, { until }) => all + until, 0);
    for (const change of [
      () => book.set('a', stateOf('a', 7)),
      () => book.hear('c', stateOf('c', 30)),
      () => book.amend('c', stateOf('c', 31)),
      () => book.drop('c'),
      () => book.drop('a'),
      () => book.set('b', stateOf('b', 9, true)),
    ]) {
      change();
      expect(sum).toBe(total());
    }
    await book.write(['b']);
    expect([sum, total()]).toEqual([7, 7]);
  });
});
