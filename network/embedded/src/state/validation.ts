import { compareKeys } from './key-order';
import type { KeyWrite, RangeRead, ReadWriteSet } from './read-write-set';
import type { StateSnapshot } from './versioned-state';
import { isSameVersion, type Version } from './version';

/** What is left of a read/write set's promises when its transaction's turn comes. */
export type Conflict = 'MVCC_READ_CONFLICT' | 'PHANTOM_READ_CONFLICT';

/** Committed state together with the writes of the valid transactions that come earlier in the same block. */
export class BlockView {
  readonly #committed: StateSnapshot;
  readonly #written = new Map<string, { version: Version; isDelete: boolean }>();

  constructor(committed: StateSnapshot) {
    this.#committed = committed;
  }

  /** Lets later transactions of the block see a valid one's writes. */
  add(version: Version, writes: readonly KeyWrite[]): void {
    for (const { key, value } of writes) this.#written.set(key, { version, isDelete: value === null });
  }

  /** The version of a key; `null` when there is no such key. */
  versionOf(key: string): Version | null {
    const written = this.#written.get(key);
    if (written !== undefined) return written.isDelete ? null : written.version;
    return this.#committed.get(key)?.version ?? null;
  }

  /** The keys of a range, in order. */
  keysOf(startKey: string, endKey: string): readonly string[] {
    const inRange = (key: string): boolean =>
      compareKeys(key, startKey) >= 0 && (endKey === '' || compareKeys(key, endKey) < 0);
    const keys = new Set(Array.from(this.#committed.range(startKey, endKey), ([key]) => key));
    for (const [key, { isDelete }] of this.#written) {
      if (isDelete) keys.delete(key);
      else if (inRange(key)) keys.add(key);
    }
    return [...keys].sort(compareKeys);
  }
}

/** Tells what a transaction's reads conflict with, if anything: the first key or range that is no longer as it was. */
export function findConflict(set: ReadWriteSet, view: BlockView): Conflict | undefined {
  const isFresh = set.reads.every(({ key, version }) => isSameVersion(view.versionOf(key), version));
  if (!isFresh) return 'MVCC_READ_CONFLICT';
  return set.ranges.every((range) => isUnchanged(range, view)) ? undefined : 'PHANTOM_READ_CONFLICT';
}

function isUnchanged(range: RangeRead, view: BlockView): boolean {
  const keys = view.keysOf(range.startKey, range.endKey);
  return (
    keys.length === range.reads.length &&
    range.reads.every(
      ({ key, version }, index) => keys[index] === key && isSameVersion(view.versionOf(key), version),
    )
  );
}
