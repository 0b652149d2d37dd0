import { EkoError } from '@eko/protocol';
import { isWellFormedText } from '@eko/protocol/encoding';

/** One change of a batch. */
export type StoreOperation =
  | { readonly kind: 'put'; readonly key: string; readonly value: Uint8Array }
  | { readonly kind: 'delete'; readonly key: string };

/** A key with its value. */
export interface StoreEntry {
  readonly key: string;
  readonly value: Uint8Array;
}

/** Which keys to list; all of them by default. */
export interface StoreRange {
  readonly prefix?: string;
  /** Only keys after this one. */
  readonly after?: string;
}

/** Whether a batch must survive a power loss before it is answered; it does unless told otherwise. */
export interface BatchOptions {
  readonly sync?: boolean;
}

/**
 * What a node must not lose: bytes under string keys, for one writer at a time.
 *
 * Keys are any well-formed text of 1 to 1,024 bytes, ordered by their bytes of UTF-8. One contract suite runs on every
 * adapter.
 */
export interface KeyValueStore {
  /** The value, in a copy that belongs to the caller. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** The values in the order of the keys, in copies that belong to the caller. */
  getMany(keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[]>;
  /**
   * Applies all operations or none, later ones over earlier ones.
   *
   * @throws EkoError `STORE_FULL` if the disk is full; nothing was applied
   */
  batch(operations: readonly StoreOperation[], options?: BatchOptions): Promise<void>;
  /** The entries as they were when the listing began, in order of their keys. */
  list(range?: StoreRange): AsyncIterable<StoreEntry>;
  /** As `list`, the keys alone: for who wants to know what there is, however large it is. */
  keys(range?: StoreRange): AsyncIterable<string>;
  /** Gives the store back; anything later is refused. */
  close(): Promise<void>;
}

/** Longest key, in bytes of UTF-8. */
const MAX_KEY_BYTES = 1024;

/**
 * Refuses a key that no store takes.
 *
 * @throws EkoError `INVALID_ARGUMENT`
 */
export function checkStoreKey(key: string): void {
  if (key === '' || !isWellFormedText(key) || Buffer.byteLength(key) > MAX_KEY_BYTES) {
    throw new EkoError('INVALID_ARGUMENT', `A store key is well-formed text of 1 to ${MAX_KEY_BYTES} bytes`);
  }
}
