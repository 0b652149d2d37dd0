import { BlockCutter } from '../../../../network/embedded/src/ledger/block-cutter';

const CUTTING = { maxMessageCount: 3, blockTimeoutMs: 50 };

/** Commits that end when the test says so. */
class SlowCommits {
  readonly batches: (readonly number[])[] = [];
  #finish: (() => void)[] = [];

  readonly commit = (batch: readonly number[]): Promise<void> => {
    this.batches.push(batch);
    return new Promise((resolve) => this.#finish.push(resolve));
  };

  async finishAll(): Promise<void> {
    for (let finish = this.#finish.shift(); finish !== undefined; finish = this.#finish.shift()) {
      finish();
      await jest.advanceTimersByTimeAsync(0);
    }
  }
}

describe('the block cutter', () => {
  let commits: SlowCommits;
  let cutter: BlockCutter<number>;

  beforeEach(() => {
    jest.useFakeTimers();
    commits = new SlowCommits();
    cutter = new BlockCutter(CUTTING, commits.commit);
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  const addAll = (...items: number[]): void => {
    for (const item of items) cutter.add(item);
  };

  it('cuts when the first transaction has waited long enough', async () => {
    addAll(1, 2);
    await jest.advanceTimersByTimeAsync(CUTTING.blockTimeoutMs - 1);
    expect(commits.batches).toEqual([]);
    await jest.advanceTimersByTimeAsync(1);
    expect(commits.batches).toEqual([[1, 2]]);
  });

  it('cuts at once when a block is full, and leaves the rest to wait', async () => {
    addAll(1, 2, 3, 4);
    expect(commits.batches).toEqual([[1, 2, 3]]);
    await commits.finishAll();
    expect(commits.batches).toEqual([[1, 2, 3]]);
    await jest.advanceTimersByTimeAsync(CUTTING.blockTimeoutMs);
    expect(commits.batches).toEqual([[1, 2, 3], [4]]);
  });

  it('commits one batch at a time and gathers meanwhile', async () => {
    addAll(1, 2, 3, 4, 5);
    await jest.advanceTimersByTimeAsync(10 * CUTTING.blockTimeoutMs);
    expect(commits.batches).toEqual([[1, 2, 3]]);
    await commits.finishAll();
    expect(commits.batches).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
  });

  it('takes no more into a block than it may, however many have gathered', async () => {
    addAll(1, 2, 3, 4, 5, 6, 7, 8);
    await commits.finishAll();
    expect(commits.batches).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    await jest.advanceTimersByTimeAsync(CUTTING.blockTimeoutMs);
    expect(commits.batches.at(-1)).toEqual([7, 8]);
  });

  it('goes on after a time-out that found nothing to cut', async () => {
    const pass = (): Promise<void> => jest.advanceTimersByTimeAsync(CUTTING.blockTimeoutMs);
    addAll(1);
    await pass();
    addAll(2);
    await pass(); // due, but the first block is still being written
    addAll(3);
    await commits.finishAll();
    await pass();
    addAll(4);
    await pass();
    expect(commits.batches).toEqual([[1], [2, 3], [4]]);
  });

  it('drains what waits', async () => {
    addAll(1, 2, 3, 4);
    let drained = false;
    const draining = cutter.drain().then(() => (drained = true));
    await jest.advanceTimersByTimeAsync(0);
    expect(drained).toBe(false);
    await commits.finishAll();
    await draining;
    expect(commits.batches).toEqual([[1, 2, 3], [4]]);
    await cutter.drain();
  });
});
