import type { SimulationResult } from '../contracts/contract-host';
import type { Conflict } from '../state/validation';

/** What became of a transaction in a block. */
export type CommitCode = 'VALID' | Conflict;

/** What a contract function did, in text, ready to be compared. */
export interface HarnessOutcome {
  readonly txId: string;
  /** The function's answer; empty on failure. */
  readonly result: string;
  /** The exact write set in key order; `null` deletes. Empty on failure. */
  readonly writes: readonly { readonly key: string; readonly value: string | null }[];
  /** The keys read one by one, in order, whether or not they exist. */
  readonly reads: readonly string[];
  /** The ranges walked, with the keys found in them. */
  readonly ranges: readonly {
    readonly startKey: string;
    readonly endKey: string;
    readonly keys: readonly string[];
  }[];
  /** The transaction's one event. */
  readonly event?: { readonly name: string; readonly payload: string };
  /** Why the contract refused: its `CODE: text` taken apart. Without such a form the code is `UNCODED`. */
  readonly error?: { readonly code: string; readonly message: string };
  /** What the block's validation said; nothing for a query, a refusal or before `commit`. */
  readonly commitCode?: CommitCode;
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

/** Puts one run into the harness's form. */
export function toOutcome(txId: string, run: SimulationResult): HarnessOutcome {
  if (run.status >= 400) return refusal(txId, run.message);
  const { reads, ranges, writes } = run.readWriteSet;
  return {
    txId,
    result: text(run.payload),
    writes: writes.map(({ key, value }) => ({ key, value: value === null ? null : text(value) })),
    reads: reads.map(({ key }) => key),
    ranges: ranges.map(({ startKey, endKey, reads: found }) => ({
      startKey,
      endKey,
      keys: found.map(({ key }) => key),
    })),
    ...(run.event === undefined ? {} : { event: { name: run.event.name, payload: text(run.event.payload) } }),
  };
}

/** A failure without any effect. */
export function refusal(txId: string, message: string): HarnessOutcome {
  const coded = /^([A-Z][A-Z0-9_]*): ([\s\S]*)$/.exec(message);
  const error = { code: coded?.[1] ?? 'UNCODED', message: coded?.[2] ?? message };
  return { txId, result: '', writes: [], reads: [], ranges: [], error };
}
