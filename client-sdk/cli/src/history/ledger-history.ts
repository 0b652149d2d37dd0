import {
  EVENTS,
  STATE_KEYS,
  type AttestationRecord,
  type DealingsRecord,
  type LedgerEvent,
} from '@eko/protocol';
import type { BlockTransaction, ChannelBlock } from '@eko/sdk';
import { checkAuthor } from './author-rules';
import { indicesOf, type BundleHistory } from './bundle-history';
import { DerivedRecords } from './derived-records';
import { checkEvent } from './event-rules';
import { ReceiptHeads } from './receipt-heads';
import { RegistryTimeline } from './registry-timeline';
import { submitterOf } from './submitter';
import { WRITTEN_ONCE, brokenWrites } from './written-rule';
import { violationAt, type Act, type HistoryPlace, type Violation } from './violation';

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
  readonly #written = new Map<string, HistoryPlace>();
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
    const valid = transactions.filter(({ validationCode }) => validationCode === 0);
    for (const transaction of valid) {
      const { index, txId, timeUnixMs } = transaction;
      const submitter = submitterOf(transaction.submitter);
      const at: Act = { blockNumber: number, index, txId, timeUnixMs, submitter };
      this.#noteWrites(transaction, at);
      for (const { rule, text } of brokenWrites(this.#derived, transaction))
        this.violations.push(violationAt(rule, at, undefined, text));
      if (transaction.event !== undefined) this.#applyEvent(transaction.event, at);
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

  #isDecided(bundleId: string): boolean {
    const bundle = this.bundles.get(bundleId);
    return (
      bundle?.acceptance !== undefined ||
      bundle?.ends.some(({ record }) => record.index === undefined) === true
    );
  }

  #noteWrites({ writes }: BlockTransaction, at: HistoryPlace): void {
    for (const { key } of writes) {
      const [family = '', bundleId] = key.split('/');
      if (!WRITTEN_ONCE.has(family)) continue;
      const first = this.#written.get(key);
      if (first === undefined) this.#written.set(key, at);
      else {
        const text = `${key} was written in block ${first.blockNumber} already`;
        const streamId = family === STATE_KEYS.attestation ? undefined : bundleId;
        this.violations.push(violationAt('written-twice', at, streamId, text));
      }
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
        bundle,
        at,
        attested: new Map(),
        registry: this.registry.now(),
        assignments: assignment === undefined ? [] : [{ record: assignment, at }],
        permits: new Map(),
        ends: [],
      });
      return;
    }
    record(this.bundles, event, at);
  }
}

/** Adds a fact to its bundle; of two that should be one, the first counts. */
function record(bundles: ReadonlyMap<string, BundleHistory>, event: LedgerEvent, at: Act): void {
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
      bundle.dealings ??= { record: withoutProofs(dealings), at };
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
      noteAttestation(bundles, event.payload.attestation);
      break;
    default:
  }
}

/** What was judged once and is asked for no more, most of the record, does not stay in memory. */
function withoutProofs(record: DealingsRecord): DealingsRecord {
  const dealings = record.dealings.map((dealing) => ({ ...dealing, envelopes: [], signature: '' }));
  return { ...record, proofs: [], dealings };
}

function noteAttestation(
  bundles: ReadonlyMap<string, BundleHistory>,
  { nodeId, destructions }: AttestationRecord,
): void {
  for (const { bundleId, streams } of destructions) {
    const bundle = bundles.get(bundleId);
    if (bundle === undefined) continue;
    const attested = bundle.attested.get(nodeId) ?? new Set();
    bundle.attested.set(nodeId, attested);
    for (const index of indicesOf(bundle, streams)) attested.add(index);
  }
}
