import { isEkoError } from '@eko/protocol';
import { STATE_KEYS, type LedgerEvent } from '@eko/protocol/ledger';
import { encodeCanonicalJson, equalBytes, utf8Encode } from '@eko/protocol/encoding';
import type { BlockWrite } from '@eko/sdk/node';
import type { DerivedRecords } from './derived-records';
import { announcedRecords } from './event-facts';
import type { Flaw } from './violation';

/** Every family of facts but the registry, which is updated in place. */
export const WRITTEN_ONCE: ReadonlySet<string> = new Set([
  STATE_KEYS.bundle,
  STATE_KEYS.acceptance,
  STATE_KEYS.assignment,
  STATE_KEYS.dealings,
  STATE_KEYS.permit,
  STATE_KEYS.end,
  STATE_KEYS.attestation,
]);

/**
 * Holds what a transaction writes against its event, and against what follows from it and those before: a record that no
 * event announces, or another one than it announces, is one that contracts go by and nobody is told of; an event without
 * its record is the other way round.
 *
 * @returns what is wrong
 */
export function brokenWrites(
  derived: DerivedRecords,
  { event, writes, timeUnixMs }: WritingTransaction,
): readonly Flaw[] {
  const flaws: Flaw[] = [];
  const expected = new Map(event === undefined ? [] : announcedRecords(event));
  if (event !== undefined) {
    const keys = writes.map(({ key }) => key);
    const { records, broken } = derived.next(event, timeUnixMs, keys);
    for (const [key, record] of records) expected.set(key, record);
    if (broken !== undefined) flaws.push(broken);
  }
  for (const { key, value } of writes) {
    const record = expected.get(key);
    if (record === undefined)
      flaws.push({ rule: 'unannounced-write', text: `it writes ${key}, which no event announces` });
    else if (!isSame(value, record))
      flaws.push({ rule: 'wrong-value', text: `what it writes to ${key} is not what its event says` });
  }
  const missing = [...expected.keys()].filter((key) => !writes.some((write) => write.key === key));
  for (const key of missing)
    flaws.push({ rule: 'unannounced-write', text: `its event announces ${key}, which it does not write` });
  return flaws;
}

/** What of a transaction is held against its event. */
export interface WritingTransaction {
  readonly event: LedgerEvent | undefined;
  readonly writes: readonly BlockWrite[];
  readonly timeUnixMs: number;
}

/** Records are written in their one form, so that nothing is read into them. */
function isSame(value: Uint8Array | undefined, record: object): boolean {
  try {
    return value !== undefined && equalBytes(utf8Encode(encodeCanonicalJson(record)), value);
  } catch (error) {
    if (!isEkoError(error)) throw error;
    // What has no canonical form no contract has written.
    return false;
  }
}
