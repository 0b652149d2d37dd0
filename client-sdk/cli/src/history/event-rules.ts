import {
  EVENTS,
  LABELS,
  dealingStatement,
  holdersOf,
  type AssignmentRecord,
  type DealingsRecord,
  type EndRecord,
  type LedgerEvent,
  type PermitRecord,
  type SignatureLabel,
} from '@eko/protocol';
import { checkAttestation } from './attestation-rules';
import { endBefore, type BundleHistory } from './bundle-history';
import { checkDraw } from './draw-rule';
import type { HistorySoFar } from './history-so-far';
import { isSigned } from './is-signed';
import type { RegistryTimeline } from './registry-timeline';
import { violationAt, type HistoryPlace, type HistoryRule, type Violation } from './violation';

/** Judges one event by what was ordered before it. */
export function checkEvent(
  history: HistorySoFar,
  event: LedgerEvent,
  at: HistoryPlace,
): readonly Violation[] {
  const of = (bundleId: string, judge: (judged: JudgedBundle) => void): readonly Violation[] =>
    judged(history, bundleId, at, judge);
  switch (event.name) {
    case EVENTS.streamsAccepted:
      return of(event.payload.acceptance.bundleId, (bundle) => {
        bundle.refuseAfterEnd('bundle', 'it was accepted');
        if (bundle.history.dealings !== undefined)
          bundle.refuse('act-out-of-order', 'it was accepted after it was dealt');
      });
    case EVENTS.orchestratorsReassigned: {
      const { assignment } = event.payload;
      return of(assignment.bundleId, (bundle) => checkReassignment(bundle, assignment));
    }
    case EVENTS.dealingsRecorded: {
      const { record } = event.payload;
      return of(record.bundleId, (bundle) => checkDealings(bundle, record));
    }
    case EVENTS.releaseAuthorized: {
      const { permit } = event.payload;
      return of(permit.bundleId, (bundle) => checkPermit(bundle, permit));
    }
    case EVENTS.streamsEnded:
      return event.payload.ends.flatMap((end) => of(end.bundleId, (bundle) => checkEnd(bundle, end)));
    case EVENTS.destructionAttested:
      return checkAttestation(history, event.payload.attestation, at);
    default:
      return [];
  }
}

/** One bundle at the moment of one event, and what is found wrong with that event. */
class JudgedBundle {
  readonly history: BundleHistory;
  readonly violations: Violation[] = [];
  readonly channel: string;
  readonly registry: RegistryTimeline;
  readonly #at: HistoryPlace;

  constructor({ channel, registry }: HistorySoFar, history: BundleHistory, at: HistoryPlace) {
    this.channel = channel;
    this.registry = registry;
    this.history = history;
    this.#at = at;
  }

  refuse(rule: HistoryRule, text: string, index?: number): void {
    const { bundleId } = this.history.bundle;
    const streamId = index === undefined ? bundleId : `${bundleId}/${index}`;
    this.violations.push(violationAt(rule, this.#at, streamId, text));
  }

  refuseAfterEnd(streams: 'bundle' | 'all' | readonly number[], what: string): void {
    const end = endBefore(this.history, streams, this.#at);
    if (end === undefined) return;
    this.refuse('act-after-end', `${what} after its end in block ${end.at.blockNumber}`, end.record.index);
  }

  /** Checks a record's signature by the key that a node has now. */
  requireSignature(label: SignatureLabel, statement: unknown, signature: string, nodeId: string): void {
    const key = this.registry.node(nodeId)?.keys.sign;
    if (key === undefined || !isSigned(label, statement, signature, [key]))
      this.refuse('wrong-signature', `the signature of ${nodeId} does not hold`);
  }
}

function judged(
  history: HistorySoFar,
  bundleId: string,
  at: HistoryPlace,
  judge: (bundle: JudgedBundle) => void,
): readonly Violation[] {
  const found = history.bundles.get(bundleId);
  if (found === undefined)
    return [violationAt('act-out-of-order', at, bundleId, 'nobody has requested this bundle')];
  const bundle = new JudgedBundle(history, found, at);
  judge(bundle);
  return bundle.violations;
}

function checkReassignment(bundle: JudgedBundle, { fence }: AssignmentRecord): void {
  const present = bundle.history.assignments.at(-1)?.record.fence ?? -1;
  bundle.refuseAfterEnd('bundle', 'orchestrators were assigned');
  if (fence !== present + 1) bundle.refuse('wrong-fence', `fence ${fence} follows fence ${present}`);
  if (bundle.history.dealings !== undefined)
    bundle.refuse('act-out-of-order', 'orchestrators were assigned after it was dealt');
}

function checkDealings(bundle: JudgedBundle, record: DealingsRecord): void {
  const { history, channel } = bundle;
  const { epoch, fence, dealings, selection } = record;
  const assignment = history.assignments.at(-1)?.record;
  bundle.refuseAfterEnd('bundle', 'it was dealt');
  if (history.bundle.offerId === undefined && history.acceptance === undefined)
    bundle.refuse('act-out-of-order', 'it was dealt before the provider accepted');
  const dealers = dealings.map(({ dealer }) => dealer);
  if (fence !== assignment?.fence)
    bundle.refuse('wrong-fence', `it was dealt at fence ${fence}, and ${assignment?.fence ?? 0} is in force`);
  else if (dealers.join() !== assignment.orchestrators.join())
    bundle.refuse(
      'wrong-fence',
      `${dealers.join(', ')} dealt, and ${assignment.orchestrators.join(', ')} are assigned`,
    );
  const { bundle: request, registry } = history;
  const wrong = checkDraw({ channel, bundle: request, registry, record, assignment });
  if (wrong !== undefined) bundle.refuse('wrong-draw', wrong);
  const holders = holdersOf(history.bundle, selection);
  for (const { signature, ...dealing } of dealings) {
    const statement = dealingStatement({ channel, bundle: history.bundle, epoch, fence, holders, dealing });
    bundle.requireSignature(LABELS.dealingSignature, statement, signature, dealing.dealer);
  }
}

function checkPermit(bundle: JudgedBundle, { streams, party }: PermitRecord): void {
  const { bundle: request, dealings } = bundle.history;
  bundle.refuseAfterEnd(streams, `a release to ${party} was permitted`);
  if (dealings === undefined)
    bundle.refuse('act-out-of-order', 'a release was permitted before it was dealt');
  if (party !== request.initiator && party !== request.policy.provider)
    bundle.refuse('act-out-of-order', `a release was permitted to ${party}, which is none of its parties`);
}

function checkEnd(bundle: JudgedBundle, { index, reason }: EndRecord): void {
  bundle.refuseAfterEnd(index === undefined ? 'bundle' : [index], `it ended (${reason})`);
  if (index !== undefined && bundle.history.dealings === undefined)
    bundle.refuse('act-out-of-order', 'one stream ended before the bundle was dealt', index);
}
