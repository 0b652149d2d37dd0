import { EkoError, LIMITS } from '@eko/protocol';
import { encodeCanonicalJson, parseStrictJson, utf8Decode, utf8Encode } from '@eko/protocol/encoding';
import type { Context } from 'fabric-contract-api';
import type { Ledger, QueryLedger } from '../domain/ledger-port';

/** The part of Fabric's stub that state goes through. */
export type StateStub = Pick<Context['stub'], 'getState' | 'putState' | 'getStateByRange'>;

/** A record holds at most what one transaction brought, and its frame. */
const RECORD_LIMITS = { maxBytes: 4 * LIMITS.argumentBytes, maxDepth: LIMITS.jsonDepth };

/**
 * The ledger of a transaction: canonical JSON at string keys. A key is fetched from the peer once: a transaction reads
 * one committed state, and never its own writes.
 *
 * What is written is canonical. What is read need not be: a state database that keeps documents, as CouchDB does, gives
 * them back in an order and with escapes of its own. Every reader of it still reads the same.
 */
export function stubLedger(stub: StateStub): Ledger {
  const fetched = new Map<string, Promise<unknown>>();
  const fetchRecord = async (key: string) => decodeRecord(await stub.getState(key), key);
  return {
    get: (key) => {
      const known = fetched.get(key) ?? fetchRecord(key);
      fetched.set(key, known);
      return known;
    },
    put: (key, value) => stub.putState(key, utf8Encode(encodeCanonicalJson(value))),
  };
}

/** The ledger of a query, which may read ranges. */
export function stubQueryLedger(stub: StateStub): QueryLedger {
  return {
    ...stubLedger(stub),
    range: async (start, end, limit) => {
      const iterator = await stub.getStateByRange(start, end);
      const values: unknown[] = [];
      try {
        while (values.length < limit) {
          const { done, value } = await iterator.next();
          if (done) break;
          values.push(decodeRecord(value.value, value.key));
        }
      } finally {
        await iterator.close();
      }
      return values;
    },
  };
}

function decodeRecord(bytes: Uint8Array | undefined, key: string): unknown {
  if (bytes === undefined || bytes.length === 0) return undefined;
  try {
    return parseStrictJson(utf8Decode(bytes), RECORD_LIMITS);
  } catch (cause) {
    throw new EkoError('CORRUPT_RECORD', `ledger record ${key} is not sound JSON`, {
      details: { key },
      cause,
    });
  }
}
