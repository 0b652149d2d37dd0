import { type EndRecord } from '@eko/protocol/ledger';
import type { Acknowledged } from './acknowledged-file';
import { indicesOf, lapseBy, type BundleHistory, type Placed } from './bundle-history';
import type { HistorySoFar } from './history-so-far';
import type { Violation } from './violation';

/** What became of the streams that were requested. Each is counted in one of the first four. */
export interface SettledStreams {
  /** Waiting for the provider's consent, or being set up. */
  readonly pending: number;
  readonly active: number;
  /** Ended without a record: nobody consented or dealt in time, or the time of what was active is over. */
  readonly lapsed: number;
  readonly ended: number;
  /** Of those that ended. */
  readonly revoked: number;
}

/** Who has said that what it held is gone, a holder and stream at a time. */
export interface SettledDestructions {
  readonly attested: number;
  /** Holders of ended streams that have not said so yet. */
  readonly owed: number;
  /** Of those owed, whose streams ended longer ago than attesting takes. */
  readonly overdue: number;
}

/** What became of everything that was requested. */
export interface SettledRequests {
  readonly streams: SettledStreams;
  readonly destructions: SettledDestructions;
  /** Bundles that are neither active nor ended yet. */
  readonly pending: readonly string[];
  readonly violations: readonly Violation[];
}

/** When a history is judged, and what is expected of it by then. */
export interface SettledTerms {
  readonly nowUnixMs: number;
  /** After the end of a stream its holders may take this long to attest that what they held is gone. */
  readonly attestMs: number;
  /** Bundles whose request was answered to a client. */
  readonly acknowledged?: Acknowledged;
}

/** What has become of every request that was acknowledged, and what is owed. @see docs/protocol.md, "What always holds" */
export function checkSettled({ bundles }: HistorySoFar, terms: SettledTerms): SettledRequests {
  const violations = checkAcknowledged(bundles, terms.acknowledged);
  const pending: string[] = [];
  const counted = { pending: 0, active: 0, lapsed: 0, ended: 0, revoked: 0 };
  const owing = { attested: 0, owed: 0, overdue: 0 };
  for (const history of bundles.values()) {
    const state = stateOf(history, terms);
    for (const index of indicesOf(history, 'all')) {
      const end = endOf(history, index);
      counted[end === undefined ? state : 'ended'] += 1;
      if (end === undefined) continue;
      if (end.record.reason === 'revoked') counted.revoked += 1;
      count(history, index, end, terms, owing);
    }
    const isOver = endOf(history, undefined) !== undefined;
    if (state === 'pending' && !isOver) pending.push(history.bundle.bundleId);
  }
  return { streams: counted, destructions: owing, pending, violations };
}

function checkAcknowledged(
  bundles: HistorySoFar['bundles'],
  { bundleIds, unreadable }: Acknowledged = { bundleIds: [], unreadable: [] },
): Violation[] {
  const lost = bundleIds.filter((bundleId) => !bundles.has(bundleId));
  const text = 'it was acknowledged, and the ledger has no request';
  return [
    ...lost.map((streamId): Violation => ({ rule: 'lost-request', text, streamId })),
    ...unreadable.map((line): Violation => ({ rule: 'lost-request', text: `${line} names no bundle` })),
  ];
}

/** What its streams are that have no end of their own. */
function stateOf(history: BundleHistory, { nowUnixMs }: SettledTerms): 'pending' | 'active' | 'lapsed' {
  const { bundle, dealings } = history;
  if (dealings !== undefined) return nowUnixMs < bundle.notAfterUnixMs ? 'active' : 'lapsed';
  return lapseBy(history, nowUnixMs) === undefined ? 'pending' : 'lapsed';
}

/** The end of a stream, its own or its bundle's; without an index the bundle's alone. */
function endOf({ ends }: BundleHistory, index: number | undefined): Placed<EndRecord> | undefined {
  return ends.find(({ record }) => record.index === undefined || record.index === index);
}

function count(
  history: BundleHistory,
  index: number,
  end: Placed<EndRecord>,
  { nowUnixMs, attestMs }: SettledTerms,
  owing: { attested: number; owed: number; overdue: number },
): void {
  const isOverdue = nowUnixMs >= end.at.timeUnixMs + attestMs;
  for (const holder of holdersOf(history)) {
    const attested = history.attested.get(holder);
    if (attested === 'all' || attested?.has(index) === true) owing.attested += 1;
    else {
      owing.owed += 1;
      if (isOverdue) owing.overdue += 1;
    }
  }
}

/** Who held something of a stream for certain: its parties and witnesses, and its dealers, who attest a whole bundle. */
function holdersOf(history: BundleHistory): readonly string[] {
  const { bundle, dealings } = history;
  if (dealings === undefined) return [];
  const { selection, dealings: dealt } = dealings.record;
  const isOver = indicesOf(history, 'all').every((each) => endOf(history, each) !== undefined);
  return [
    bundle.initiator,
    bundle.policy.provider,
    ...selection.witnesses,
    ...(isOver ? dealt.map(({ dealer }) => dealer) : []),
  ];
}
