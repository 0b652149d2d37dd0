import { compareKeys } from './key-order';
import type { KeyWrite } from './read-write-set';
import type { Version } from './version';

/** When a transaction says it was made: the submitter's clock. */
export interface TxTimestamp {
  readonly seconds: number;
  readonly nanos: number;
}

/** One write of one key, as it was committed. */
export interface KeyVersion {
  readonly version: Version;
  /** The bytes written; `null` when the key was deleted. */
  readonly value: Uint8Array | null;
  readonly txId: string;
  readonly timestamp: TxTimestamp;
}

/** A valid transaction's writes, ready to be applied. */
export interface CommittedWrites {
  readonly version: Version;
  readonly txId: string;
  readonly timestamp: TxTimestamp;
  readonly writes: readonly KeyWrite[];
}

/** Committed state as it was after some block; later commits do not show. */
export interface StateSnapshot {
  /** The live version of a key; nothing when it was never written or is deleted. */
  get(key: string): KeyVersion | undefined;
  /** Live keys of `[startKey, endKey)` in code-point order; an empty `endKey` means no end. */
  range(startKey: string, endKey: string): Iterable<readonly [string, KeyVersion]>;
  /** Every write of a key, newest first, deletions included. */
  history(key: string): readonly KeyVersion[];
}

/** All versions of all keys of one chaincode, in memory. */
export class VersionedState {
  readonly #versions = new Map<string, KeyVersion[]>();
  /** Keys in order; replaced, never changed, so that a walk in progress keeps its own. */
  #orderedKeys: readonly string[] = [];
  #unorderedKeys: string[] = [];
  #height = 0;

  /** The number of blocks applied. */
  get height(): number {
    return this.#height;
  }

  /** Applies one block's valid transactions, which must follow the last block applied. */
  apply(blockNumber: number, transactions: readonly CommittedWrites[]): void {
    if (blockNumber !== this.#height)
      throw new RangeError(`expected block ${this.#height}, got ${blockNumber}`);
    for (const { version, txId, timestamp, writes } of transactions) {
      for (const { key, value } of writes) this.#append(key, { version, value, txId, timestamp });
    }
    this.#height += 1;
  }

  /** A view of the state as it is now. */
  snapshot(): StateSnapshot {
    const height = this.#height;
    const at = (key: string): KeyVersion | undefined => {
      const found = this.#versions.get(key)?.findLast(({ version }) => version.blockNumber < height);
      return found === undefined || found.value === null ? undefined : found;
    };
    return {
      get: at,
      range: (startKey, endKey) => walk(this.#keysInOrder(), startKey, endKey, at),
      history: (key) =>
        (this.#versions.get(key) ?? []).filter(({ version }) => version.blockNumber < height).toReversed(),
    };
  }

  #append(key: string, entry: KeyVersion): void {
    const known = this.#versions.get(key);
    if (known === undefined) {
      this.#versions.set(key, [entry]);
      this.#unorderedKeys.push(key);
    } else {
      known.push(entry);
    }
  }

  /** Range reads are rare on a ledger that derives state from single keys, so order is made when one asks for it. */
  #keysInOrder(): readonly string[] {
    if (this.#unorderedKeys.length > 0) {
      this.#orderedKeys = [...this.#orderedKeys, ...this.#unorderedKeys].sort(compareKeys);
      this.#unorderedKeys = [];
    }
    return this.#orderedKeys;
  }
}

function* walk(
  keys: readonly string[],
  startKey: string,
  endKey: string,
  at: (key: string) => KeyVersion | undefined,
): Iterable<readonly [string, KeyVersion]> {
  for (let index = lowerBound(keys, startKey); index < keys.length; index += 1) {
    const key = keys[index];
    if (key === undefined || (endKey !== '' && compareKeys(key, endKey) >= 0)) return;
    const live = at(key);
    if (live !== undefined) yield [key, live];
  }
}

/** The index of the first key that is not before `wanted`. */
function lowerBound(keys: readonly string[], wanted: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareKeys(keys[middle] ?? '', wanted) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
