import { type Attestation, EVENTS, type LedgerEvent, STATE_KEYS } from '@eko/protocol/ledger';
import type { BlockTransaction, ChannelBlock } from '@eko/sdk/node';
import { checkAuthor } from './author-rules';
import { type BundleHistory, indicesOf, type TimedPlace } from './bundle-history';
import { DerivedRecords } from './derived-records';
import { checkEvent } from './event-rules';
import { isOver, keptDealings, keptPlace, keptRequest, keptWhenOver } from './kept-bundle';
import { ReceiptHeads } from './receipt-heads';
import { RegistryTimeline } from './registry-timeline';
import { submitterOf } from './submitter';
import { brokenWrites, WRITTEN_ONCE } from './written-rule';
import { type Act, type HistoryPlace, type Violation, violationAt } from './violation';

/** How many transactions were read, and how many of them counted. */
export interface HistoryCounts {
  readonly blocks: number;
  readonly valid: number;
  readonly invalid: number;
}

/**
 * A channel's history, block after block: what it says of each bundle, and where it breaks the rules that blocks alone
 * can break. The order of the blocks, and of the transactions in each, decides.
 */
export class LedgerHistory {
  readonly channel: string;
  readonly nowUnixMs: number;
  readonly registry = new RegistryTimeline();
  readonly receipts = new ReceiptHeads();
  readonly bundles = new Map<string, BundleHistory>();
  readonly violations: Violation[] = [];
  /** Facts that are written once and came with no event. */
  readonly #unannounced = new Map<string, HistoryPlace>();
  /** Bundles that the newest block ended: the next one needs less of them. */
  #endedLately: readonly string[] = [];
  readonly #derived = new DerivedRecords((bundleId) => this.#isDecided(bundleId));
  #counts: HistoryCounts = { blocks: 0, valid: 0, invalid: 0 };

  constructor(channel: string, nowUnixMs: number) {
    this.channel = channel;
    this.nowUnixMs = nowUnixMs;
  }

  get counts(): HistoryCounts {
    return this.#counts;
  }

  /** Takes the next block. */
  apply({ number, transactions }: ChannelBlock): void {
    this.#forgetEnded();
    const valid = transactions.filter(({ validationCode }) => validationCode === 0);
    for (const transaction of valid) {
      const { index, txId, timeUnixMs } = transaction;
      const submitter = submitterOf(transaction.submitter);
      const at: Act = { blockNumber: number, index, txId, timeUnixMs, submitter };
      this.#checkWrittenOnce(transaction, at);
      for (const { rule, text } of brokenWrites(this.#derived, transaction))
        this.violations.push(violationAt(rule, at, undefined, text));
      if (transaction.event !== undefined) this.#applyEvent(transaction.event, at);
      this.#noteUnannounced(transaction, at);
      if (transaction.unreadable !== undefined)
        this.violations.push(violationAt('unreadable-fact', at, undefined, transaction.unreadable));
    }
    const { blocks, valid: before, invalid } = this.#counts;
    this.#counts = {
      blocks: blocks + 1,
      valid: before + valid.length,
      invalid: invalid + transactions.length - valid.length,
    };
  }

  #forgetEnded(): void {
    for (const bundleId of this.#endedLately) {
      const history = this.bundles.get(bundleId);
      if (history !== undefined && isOver(history)) this.bundles.set(bundleId, keptWhenOver(history));
    }
    this.#endedLately = [];
  }

  #isDecided(bundleId: string): boolean {
    const bundle = this.bundles.get(bundleId);
    return (
      bundle?.acceptance !== undefined ||
      bundle?.ends.some(({ record }) => record.index === undefined) === true
    );
  }

  #checkWrittenOnce({ writes }: BlockTransaction, at: HistoryPlace): void {
    for (const { key } of writes) {
      const parts = key.split('/');
      const [family = '', bundleId] = parts;
      if (!WRITTEN_ONCE.has(family)) continue;
      const first = firstWrite(this.bundles, parts) ?? this.#unannounced.get(key);
      if (first === undefined) continue;
      const text = `${key} was written in block ${first.blockNumber} already`;
      this.violations.push(violationAt('written-twice', at, bundleId, text));
    }
  }

  /** Notes facts that came with no event. An attestation's key has the transaction's own ID: it cannot come twice. */
  #noteUnannounced({ writes }: BlockTransaction, at: Act): void {
    for (const { key } of writes) {
      const parts = key.split('/');
      const isOnce = WRITTEN_ONCE.has(parts[0] ?? '') && parts[0] !== STATE_KEYS.attestation;
      if (isOnce && firstWrite(this.bundles, parts) === undefined) this.#unannounced.set(key, keptPlace(at));
    }
  }

  #applyEvent(event: LedgerEvent, at: Act): void {
    this.violations.push(...checkAuthor(this, event, at), ...checkEvent(this, event, at));
    this.violations.push(...this.receipts.apply(event, at));
    this.registry.apply(event);
    if (event.name === EVENTS.streamsRequested) {
      const { bundle, assignment } = event.payload;
      if (this.bundles.has(bundle.bundleId)) return;
      this.bundles.set(bundle.bundleId, {
        bundle: keptRequest(bundle),
        at: keptPlace(at),
        attested: new Map(),
        registry: this.registry.now(),
        assignments: assignment === undefined ? [] : [{ record: assignment, at: keptPlace(at) }],
        permits: new Map(),
        ends: [],
      });
      return;
    }
    record(this.bundles, event, keptPlace(at));
    if (event.name === EVENTS.streamsEnded)
      this.#endedLately = [...this.#endedLately, ...event.payload.ends.map(({ bundleId }) => bundleId)];
  }
}

/** Adds a fact to its bundle; of two that should be one, the first counts. */
function record(bundles: ReadonlyMap<string, BundleHistory>, event: LedgerEvent, at: TimedPlace): void {
  switch (event.name) {
    case EVENTS.streamsAccepted: {
      const { acceptance, assignment } = event.payload;
      const bundle = bundles.get(acceptance.bundleId);
      if (bundle === undefined) break;
      bundle.acceptance ??= { record: acceptance, at };
      bundle.assignments.push({ record: assignment, at });
      break;
    }
    case EVENTS.orchestratorsReassigned: {
      const { assignment } = event.payload;
      bundles.get(assignment.bundleId)?.assignments.push({ record: assignment, at });
      break;
    }
    case EVENTS.dealingsRecorded: {
      const { record: dealings } = event.payload;
      const bundle = bundles.get(dealings.bundleId);
      if (bundle === undefined) break;
      bundle.dealings ??= { record: keptDealings(dealings), at };
      const parties = [bundle.bundle.initiator, bundle.bundle.policy.provider];
      bundle.permits.set(at.txId, { at, epoch: dealings.epoch, parties, streams: 'all' });
      break;
    }
    case EVENTS.releaseAuthorized: {
      const { bundleId, epoch, party, streams } = event.payload.permit;
      bundles.get(bundleId)?.permits.set(at.txId, { at, epoch, parties: [party], streams });
      break;
    }
    case EVENTS.streamsEnded:
      for (const end of event.payload.ends) bundles.get(end.bundleId)?.ends.push({ record: end, at });
      break;
    case EVENTS.destructionAttested:
      for (const attestation of event.payload.record.attestations) noteAttestation(bundles, attestation);
      break;
    default:
  }
}

function noteAttestation(
  bundles: ReadonlyMap<string, BundleHistory>,
  { nodeId, destructions }: Attestation,
): void {
  for (const { bundleId, streams } of destructions) {
    const bundle = bundles.get(bundleId);
    if (bundle === undefined) continue;
    const before = bundle.attested.get(nodeId) ?? new Set();
    if (before === 'all') continue;
    for (const index of indicesOf(bundle, streams)) before.add(index);
    const isAll = indicesOf(bundle, 'all').every((index) => before.has(index));
    bundle.attested.set(nodeId, isAll ? 'all' : before);
  }
}

/**
 * Where a fact that is written once was written, as the history of its bundle has it: so nothing has to be kept for each
 * key that was ever written.
 *
 * @returns nothing where it was not written, or not with an event
 */
function firstWrite(
  bundles: ReadonlyMap<string, BundleHistory>,
  [family = '', bundleId = '', part]: readonly string[],
): HistoryPlace | undefined {
  const history = bundles.get(bundleId);
  if (history === undefined) return undefined;
  const { acceptance, assignments, dealings, ends, permits } = history;
  switch (family) {
    case STATE_KEYS.bundle:
      return history.at;
    case STATE_KEYS.acceptance:
      return acceptance?.at;
    case STATE_KEYS.assignment:
      return assignments.find(({ record }) => String(record.fence) === part)?.at;
    case STATE_KEYS.dealings:
      return String(dealings?.record.epoch) === part ? dealings?.at : undefined;
    case STATE_KEYS.permit:
      return part === undefined || part === dealings?.at.txId ? undefined : permits.get(part)?.at;
    case STATE_KEYS.end:
      return ends.find(({ record: { index } }) => (index === undefined ? undefined : String(index)) === part)
        ?.at;
    default:
      return undefined;
  }
}
