import { ledger } from '@hyperledger/fabric-protos';
import type { KeyRead, RangeRead } from '../state/read-write-set';
import type { KeyVersion } from '../state/versioned-state';

/** The end of a walked range: the last key read, so that only what was seen is checked for phantoms. */
const justAfter = (key: string): string => `${key}\u0000`;

/**
 * A walk over a key range that remembers what it has seen. As a peer does, it looks one key ahead of what it shows, to
 * tell whether there is more: that key counts as read, too.
 */
export class RangeCursor {
  readonly #startKey: string;
  readonly #endKey: string;
  readonly #live: Iterator<readonly [string, KeyVersion]>;
  readonly #reads: KeyRead[] = [];
  #ahead: IteratorResult<readonly [string, KeyVersion], undefined>;

  constructor(startKey: string, endKey: string, live: Iterable<readonly [string, KeyVersion]>) {
    this.#startKey = startKey;
    this.#endKey = endKey;
    this.#live = live[Symbol.iterator]();
    this.#ahead = this.#see();
  }

  /** The key that the next page starts with; nothing at the end. */
  get nextKey(): string | undefined {
    return this.#ahead.value?.[0];
  }

  /** Takes up to `limit` records, encoded as Fabric's `KV`. */
  take(namespace: string, limit: number): Uint8Array[] {
    const page: Uint8Array[] = [];
    while (page.length < limit && this.#ahead.value !== undefined) {
      const [key, { value }] = this.#ahead.value;
      const kv = new ledger.queryresult.KV();
      kv.setNamespace(namespace);
      kv.setKey(key);
      kv.setValue(value ?? new Uint8Array());
      page.push(kv.serializeBinary());
      this.#ahead = this.#see();
    }
    return page;
  }

  #see(): IteratorResult<readonly [string, KeyVersion], undefined> {
    const next = this.#live.next();
    if (next.done === true) return { done: true, value: undefined };
    const [key, { version }] = next.value;
    this.#reads.push({ key, version });
    return next;
  }

  /** What was read so far. */
  toRangeRead(): RangeRead {
    const exhausted = this.#ahead.value === undefined;
    const last = this.#reads.at(-1);
    const endKey = exhausted || last === undefined ? this.#endKey : justAfter(last.key);
    return { startKey: this.#startKey, endKey, exhausted, reads: this.#reads };
  }
}
