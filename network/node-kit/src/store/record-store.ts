import { createHash } from 'node:crypto';
import { EkoError, isEkoError } from '@eko/protocol';
import {
  encodeBase64Url,
  encodeCanonicalJson,
  fits,
  utf8Decode,
  utf8Encode,
  type Static,
  type TSchema,
} from '@eko/protocol/encoding';
import type { KeyValueStore, StoreOperation, StoreRange } from './key-value-store';

/** Where records lie and what they look like. */
export interface RecordStoreOptions<Schema extends TSchema> {
  readonly store: KeyValueStore;
  /** First part of every key, with its separator: `outbox/`. */
  readonly prefix: string;
  /** Version of the record's shape; records of another one are refused. */
  readonly version: number;
  readonly schema: Schema;
}

/** A listed record, or why it cannot be read. */
export type ListedRecord<T> =
  | { readonly kind: 'record'; readonly id: string; readonly record: T }
  | { readonly kind: 'broken'; readonly id: string; readonly error: EkoError };

const CHECKSUM_BYTES = 16;

/**
 * Typed JSON records in a key-value store, each with a version and a checksum over its own key.
 *
 * A record that does not hold is refused by name; the others are served.
 */
export class RecordStore<Schema extends TSchema> {
  readonly #options: RecordStoreOptions<Schema>;

  constructor(options: RecordStoreOptions<Schema>) {
    this.#options = options;
  }

  /**
   * @throws EkoError `CORRUPT_RECORD` or `UNSUPPORTED_VERSION`, with the key in its details
   */
  async get(id: string): Promise<Static<Schema> | undefined> {
    const value = await this.#options.store.get(this.keyOf(id));
    return value === undefined ? undefined : this.#decode(id, value);
  }

  /** Writes one record durably. */
  async put(id: string, record: Static<Schema>): Promise<void> {
    await this.#options.store.batch([this.putOperation(id, record)]);
  }

  /** The change that writes a record, to be part of a larger batch. */
  putOperation(id: string, record: Static<Schema>): StoreOperation {
    const key = this.keyOf(id);
    const { version } = this.#options;
    const body = JSON.stringify(record);
    return { kind: 'put', key, value: utf8Encode(`${checksumOf(key, version, body)} ${version}\n${body}`) };
  }

  /** The change that removes a record, to be part of a larger batch. */
  deleteOperation(id: string): StoreOperation {
    return { kind: 'delete', key: this.keyOf(id) };
  }

  /**
   * The records in order of their ids, for those who need all of them.
   * @throws EkoError `CORRUPT_RECORD` or `UNSUPPORTED_VERSION` for the first one that does not hold
   */
  async records(range: StoreRange = {}): Promise<Static<Schema>[]> {
    const records: Static<Schema>[] = [];
    for await (const listed of this.list(range)) {
      if (listed.kind === 'broken') throw listed.error;
      records.push(listed.record);
    }
    return records;
  }

  /** The records in order of their ids, broken ones among them. */
  async *list(range: StoreRange = {}): AsyncIterable<ListedRecord<Static<Schema>>> {
    const { store, prefix } = this.#options;
    for await (const { key, value } of store.list(this.#rangeOf(range))) {
      const id = key.slice(prefix.length);
      try {
        yield { kind: 'record', id, record: this.#decode(id, value) };
      } catch (error) {
        if (!isEkoError(error)) throw error;
        yield { kind: 'broken', id, error };
      }
    }
  }

  /** The ids of the records in their order, without reading what they hold. */
  async *ids(range: StoreRange = {}): AsyncIterable<string> {
    const { store, prefix } = this.#options;
    for await (const key of store.keys(this.#rangeOf(range))) yield key.slice(prefix.length);
  }

  /** The key under which a record lies. */
  keyOf(id: string): string {
    return this.#options.prefix + id;
  }

  #rangeOf({ prefix = '', after }: StoreRange): StoreRange {
    return { prefix: this.keyOf(prefix), ...(after === undefined ? {} : { after: this.keyOf(after) }) };
  }

  #decode(id: string, value: Uint8Array): Static<Schema> {
    const key = this.keyOf(id);
    const { version, schema } = this.#options;
    const stored = parseStored(key, value);
    if (stored.version !== version) {
      throw new EkoError(
        'UNSUPPORTED_VERSION',
        `The record ${key} has version ${stored.version}; this program reads ${version}`,
        { details: { key, version: stored.version } },
      );
    }
    if (!fits(schema, stored.record)) throw corrupt(key);
    return stored.record;
  }
}

/** Checksum, version, and on the next line the record. */
const STORED = /^([A-Za-z0-9_-]{22}) (0|[1-9][0-9]{0,8})\n(.*)$/s;

function parseStored(key: string, value: Uint8Array): { readonly version: number; readonly record: unknown } {
  const found = STORED.exec(textOf(key, value));
  if (found === null) throw corrupt(key);
  const [, checksum, digits, body = ''] = found;
  const version = Number(digits);
  if (checksum !== checksumOf(key, version, body)) throw corrupt(key);
  return { version, record: JSON.parse(body) };
}

function textOf(key: string, value: Uint8Array): string {
  try {
    return utf8Decode(value);
  } catch (error) {
    throw corrupt(key, error);
  }
}

function checksumOf(key: string, version: number, body: string): string {
  const hash = createHash('sha256')
    .update(encodeCanonicalJson([key, version]))
    .update(body)
    .digest();
  return encodeBase64Url(hash.subarray(0, CHECKSUM_BYTES));
}

const corrupt = (key: string, cause?: unknown): EkoError =>
  new EkoError('CORRUPT_RECORD', `The record ${key} does not hold; restore it or remove it`, {
    details: { key },
    cause,
  });
