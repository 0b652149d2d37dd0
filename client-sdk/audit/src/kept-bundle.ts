import type { BundleRecord, DealingsRecord } from '@eko/protocol/ledger';
import { indicesOf, type BundleHistory, type TimedPlace } from './bundle-history';
import type { RegistryMoment } from './registry-timeline';
import type { Act } from './violation';

/** What was asked, where only how much was asked is of use any more. */
const ASKED: BundleRecord['requests'][number] = { dataType: '', permissions: [] };
const NOBODY: RegistryMoment = {
  witnesses: [],
  orchestrators: [],
  vrfKeys: new Map(),
  versions: { orchestrator: 0, witness: 0, party: 0 },
};

/** A request of which nothing is asked for any more but its terms and how many streams it has. */
export function keptRequest(bundle: BundleRecord): BundleRecord {
  return { ...bundle, requests: bundle.requests.map(() => ASKED) };
}

/** Dealings that were judged: most of the record is asked for no more. */
export function keptDealings(record: DealingsRecord): DealingsRecord {
  const dealings = record.dealings.map((dealing) => ({ ...dealing, envelopes: [], signature: '' }));
  return { ...record, proofs: [], dealings };
}

/** Where something stands, without who submitted it. */
export function keptPlace({ blockNumber, index, txId, timeUnixMs }: Act): TimedPlace {
  return { blockNumber, index, txId, timeUnixMs };
}

/** Whether every stream of a bundle has an end, its own or the bundle's. */
export function isOver(history: BundleHistory): boolean {
  const { ends } = history;
  if (ends.some(({ record }) => record.index === undefined)) return true;
  const ended = new Set(ends.map(({ record }) => record.index));
  return indicesOf(history, 'all').every((index) => ended.has(index));
}

/**
 * A bundle that is over, with what can still be asked of it. Receipts are held against its permits, its activation, its
 * draw and its ends; attestations against its parties, whoever was assigned, and the drawn witnesses; whatever is written
 * to it once more, against the places of what it has. Gone are what it was requested and dealt with, the registry of that
 * time, and most hashes, proofs and notes.
 */
export function keptWhenOver(history: BundleHistory): BundleHistory {
  const { bundle, acceptance, assignments, dealings, ends } = history;
  return {
    ...history,
    bundle: { ...bundle, policyHash: '', requestHash: '', requestTxId: '' },
    registry: NOBODY,
    assignments: assignments.map(({ record, at }) => ({ record: { ...record, seed: '', txId: '' }, at })),
    ...(acceptance === undefined
      ? {}
      : { acceptance: { at: acceptance.at, record: { ...acceptance.record, proof: '', txId: '' } } }),
    ...(dealings === undefined
      ? {}
      : { dealings: { at: dealings.at, record: withoutSheets(dealings.record) } }),
    ends: ends.map(({ record: { note: _note, ...record }, at }) => ({ record: { ...record, txId: '' }, at })),
  };
}

function withoutSheets(record: DealingsRecord): DealingsRecord {
  const dealings = record.dealings.map((dealing) => ({ ...dealing, dealingId: '', sheetHash: '' }));
  return { ...record, dealings, selection: { ...record.selection, seed: '' } };
}
