import { BlockView, findConflict } from '../../../../network/embedded/src/state/validation';
import { VersionedState } from '../../../../network/embedded/src/state/versioned-state';

const timestamp = { seconds: 1, nanos: 0 };
const write = (key: string, value: string | null) => ({
  key,
  value: value === null ? null : Buffer.from(value),
});

describe('the validation of a read set', () => {
  const state = new VersionedState();
  state.apply(0, [
    { version: { blockNumber: 0, txNumber: 0 }, txId: 'a', timestamp, writes: [write('k', 'old')] },
    { version: { blockNumber: 0, txNumber: 1 }, txId: 'b', timestamp, writes: [write('k', 'new')] },
  ]);
  const reads = (version: { blockNumber: number; txNumber: number } | null, key = 'k') => ({
    reads: [{ key, version }],
    ranges: [],
    writes: [],
  });

  it('tells two versions of one block from each other', () => {
    const view = new BlockView(state.snapshot());
    expect(findConflict(reads({ blockNumber: 0, txNumber: 1 }), view)).toBeUndefined();
    expect(findConflict(reads({ blockNumber: 0, txNumber: 0 }), view)).toBe('MVCC_READ_CONFLICT');
    expect(findConflict(reads({ blockNumber: 1, txNumber: 1 }), view)).toBe('MVCC_READ_CONFLICT');
    expect(findConflict(reads(null), view)).toBe('MVCC_READ_CONFLICT');
  });

  it('sees what came earlier in the same block, deletions too', () => {
    const view = new BlockView(state.snapshot());
    view.add({ blockNumber: 1, txNumber: 0 }, [write('k', null), write('n', 'x')]);
    expect(findConflict(reads({ blockNumber: 0, txNumber: 1 }), view)).toBe('MVCC_READ_CONFLICT');
    expect(findConflict(reads(null), view)).toBeUndefined();
    expect(findConflict(reads(null, 'n'), view)).toBe('MVCC_READ_CONFLICT');
    expect(findConflict(reads({ blockNumber: 1, txNumber: 0 }, 'n'), view)).toBeUndefined();
  });
});
