import { LIMITS } from '@eko/protocol';
import {
  EVENTS,
  FIRST_EPOCH,
  setupDueUnixMs,
  bundleTermsOf,
  consentDueUnixMs,
  type AssignmentRecord,
  type BundleRecord,
  type DealingsRecord,
  type EndRecord,
  type HeartbeatRecord,
  type LedgerEvent,
  type PermitRecord,
} from '@eko/protocol/ledger';
import { LABELS, dealingStatement, holdersOf, type SignatureLabel } from '@eko/protocol/crypto';
import { encodeCanonicalJson } from '@eko/protocol/encoding';
import { checkAssignment } from './assignment-rule';
import { checkAttestations, checkSaid, isAdmitted } from './attestation-rules';
import { timeText } from './author-rules';
import {
  endBefore,
  hasConsent,
  isPartyOf,
  lapseBy,
  type BundleHistory,
  type TimedPlace,
} from './bundle-history';
import { checkDraw } from './draw-rule';
import { brokenEnd } from './end-rules';
import type { HistorySoFar } from './history-so-far';
import { isSigned } from './is-signed';
import type { RegistryTimeline } from './registry-timeline';
import { checkRequest } from './request-rules';
import { violationAt, type Act, type HistoryRule, type Violation } from './violation';

type AcceptancePayload = Extract<LedgerEvent, { name: typeof EVENTS.streamsAccepted }>['payload'];

type ReassignmentPayload = Extract<LedgerEvent, { name: typeof EVENTS.orchestratorsReassigned }>['payload'];

/** Judges one event by what was ordered before it. */
export function checkEvent(history: HistorySoFar, event: LedgerEvent, at: Act): readonly Violation[] {
  const of = (bundleId: string, judge: (judged: JudgedBundle) => void): readonly Violation[] =>
    judged(history, bundleId, at, judge);
  switch (event.name) {
    case EVENTS.streamsRequested: {
      const { bundle, assignment } = event.payload;
      return [...checkRequest(history, bundle, at), ...checkFirstAssignment(history, bundle, assignment, at)];
    }
    case EVENTS.streamsAccepted: {
      const { payload } = event;
      return of(payload.acceptance.bundleId, (bundle) => checkAcceptance(bundle, payload));
    }
    case EVENTS.orchestratorsReassigned: {
      const { payload } = event;
      return of(payload.assignment.bundleId, (bundle) => checkReassignment(bundle, payload));
    }
    case EVENTS.dealingsRecorded: {
      const { record } = event.payload;
      return of(record.bundleId, (bundle) => checkDealings(bundle, record));
    }
    case EVENTS.releaseAuthorized: {
      const { permit } = event.payload;
      return of(permit.bundleId, (bundle) => checkPermit(bundle, permit));
    }
    case EVENTS.streamsEnded: {
      const { ends } = event.payload;
      return ends.flatMap((end, place) =>
        of(end.bundleId, (bundle) => checkEnd(bundle, end, ends.slice(0, place))),
      );
    }
    case EVENTS.destructionAttested:
      return checkAttestations(history, event.payload.record, at);
    case EVENTS.heartbeat:
      return checkBeat(history, event.payload, at);
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
  readonly act: Act;

  constructor({ channel, registry }: HistorySoFar, history: BundleHistory, act: Act) {
    this.channel = channel;
    this.registry = registry;
    this.history = history;
    this.act = act;
  }

  /** What an assignment of it follows from, but for the consent. */
  get assigned(): Pick<
    Parameters<typeof checkAssignment>[0],
    'channel' | 'history' | 'registry' | 'atRequest'
  > {
    const { channel, history, registry } = this;
    return { channel, history, registry, atRequest: history.registry };
  }

  refuse(rule: HistoryRule, text: string, index?: number): void {
    const { bundleId } = this.history.bundle;
    const streamId = index === undefined ? bundleId : `${bundleId}/${index}`;
    this.violations.push(violationAt(rule, this.act, streamId, text));
  }

  /** @returns whether it had ended: of what rests on a bundle that is over, nothing else is judged */
  refuseAfterEnd(streams: 'bundle' | 'all' | readonly number[], what: string): boolean {
    const end = endBefore(this.history, streams, this.act);
    if (end === undefined) return false;
    this.refuse('act-after-end', `${what} after its end in block ${end.at.blockNumber}`, end.record.index);
    return true;
  }

  /** As `refuseAfterEnd`, of what comes before the dealings, and of a second time. */
  refuseDealt(what: string): boolean {
    const { dealings } = this.history;
    if (dealings === undefined) return false;
    this.refuse('act-out-of-order', `${what} after it was dealt in block ${dealings.at.blockNumber}`);
    return true;
  }

  /** An act can be stamped before what it rests on, but no more than two honest submitters' clocks allow. */
  refuseBefore(earlier: TimedPlace, what: string): void {
    if (this.act.timeUnixMs >= earlier.timeUnixMs - 2 * LIMITS.clockSkewMs) return;
    const text = `${what} at ${timeText(this.act.timeUnixMs)}, and what it rests on came at ${timeText(earlier.timeUnixMs)}`;
    this.refuse('wrong-time', text);
  }

  /** Nothing is agreed, dealt or released once the time for it is over. */
  refuseAfterTime(what: string, dueUnixMs = this.history.bundle.notAfterUnixMs): void {
    if (this.act.timeUnixMs >= dueUnixMs)
      this.refuse('wrong-time', `${what} after ${timeText(dueUnixMs)}, when the time for it was over`);
  }

  /** What a bundle does not hold cannot be released or ended. */
  refuseBeyond(streams: 'all' | readonly number[]): void {
    const { length } = this.history.bundle.requests;
    const beyond = streams === 'all' ? undefined : streams.find((index) => index >= length);
    if (beyond !== undefined) this.refuse('act-out-of-order', 'the bundle has no such stream', beyond);
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
  at: Act,
  judge: (bundle: JudgedBundle) => void,
): readonly Violation[] {
  const found = history.bundles.get(bundleId);
  if (found === undefined)
    return [violationAt('act-out-of-order', at, bundleId, 'nobody has requested this bundle')];
  const bundle = new JudgedBundle(history, found, at);
  judge(bundle);
  return bundle.violations;
}

/** Under a standing offer the request assigns, and only there. */
function checkFirstAssignment(
  { channel, registry }: HistorySoFar,
  bundle: BundleRecord,
  assignment: AssignmentRecord | undefined,
  at: Act,
): readonly Violation[] {
  const refuse = (text: string): readonly Violation[] => [
    violationAt('wrong-assignment', at, bundle.bundleId, text),
  ];
  if (bundle.offerId === undefined)
    return assignment === undefined ? [] : refuse('orchestrators are assigned before there is consent');
  if (assignment === undefined) return refuse('an offer consents, and nobody is assigned');
  const wrong = checkAssignment({
    ...{ channel, registry, atRequest: registry.now(), record: assignment },
    history: { bundle, assignments: [] },
    acceptance: undefined,
  });
  return wrong === undefined ? [] : refuse(wrong);
}

function checkAcceptance(bundle: JudgedBundle, payload: AcceptancePayload): void {
  const { acceptance, assignment, terms } = payload;
  const { by } = acceptance;
  if (bundle.refuseAfterEnd('bundle', 'it was accepted')) return;
  if (bundle.refuseDealt('it was accepted')) return;
  const { history } = bundle;
  const wrong = checkAssignment({ ...bundle.assigned, acceptance, record: assignment });
  if (wrong !== undefined) bundle.refuse('wrong-assignment', wrong);
  if (encodeCanonicalJson(terms) !== encodeCanonicalJson(bundleTermsOf(history.bundle)))
    bundle.refuse('wrong-consent', 'orchestrators and witnesses were told other terms than were requested');
  bundle.refuseAfterTime('it was accepted', consentDueUnixMs(history.bundle));
  bundle.refuseBefore(history.at, 'it was accepted');
  if (hasConsent(history)) bundle.refuse('wrong-consent', 'it was accepted a second time');
  const { provider } = history.bundle.policy;
  if (by !== provider) bundle.refuse('wrong-consent', `${by} accepted it, and its provider is ${provider}`);
  if (bundle.registry.isRetired(by)) bundle.refuse('act-by-stranger', `${by} is retired`);
}

/** Parties and orchestrators in service may say that a lease is over. */
function checkReassigner(bundle: JudgedBundle): void {
  const { history, registry, act } = bundle;
  const node = registry.nodeOf(act.submitter.identity);
  const takesPart = node?.role === 'orchestrator' || (node !== undefined && isPartyOf(history, node.nodeId));
  if (!takesPart || node.status !== 'active')
    bundle.refuse('act-by-stranger', 'neither a party nor an orchestrator reassigned it');
}

function checkReassignment(
  bundle: JudgedBundle,
  { assignment: record, consentedAtUnixMs, terms }: ReassignmentPayload,
): void {
  const { fence } = record;
  const present = bundle.history.assignments.at(-1)?.record.fence ?? -1;
  if (bundle.refuseAfterEnd('bundle', 'orchestrators were assigned')) return;
  if (bundle.refuseDealt('orchestrators were assigned')) return;
  checkReassigner(bundle);
  const { history } = bundle;
  if (lapseBy(history, bundle.act.timeUnixMs) !== undefined)
    bundle.refuse('wrong-time', 'orchestrators were replaced when the time to deal was over');
  const leaseFrom = history.assignments.at(-1)?.at.timeUnixMs;
  if (leaseFrom === undefined) bundle.refuse('act-out-of-order', 'nobody was assigned before');
  else if (bundle.act.timeUnixMs < leaseFrom + LIMITS.replacedAfterMs)
    bundle.refuse('wrong-time', `orchestrators were replaced too soon after ${timeText(leaseFrom)}`);
  const acceptance = history.acceptance?.record;
  const wrong = checkAssignment({ ...bundle.assigned, acceptance, record });
  if (wrong !== undefined) bundle.refuse('wrong-assignment', wrong);
  if (fence !== present + 1) bundle.refuse('wrong-fence', `fence ${fence} follows fence ${present}`);
  const consent = history.assignments[0]?.record;
  if (
    encodeCanonicalJson(terms) !== encodeCanonicalJson(bundleTermsOf(history.bundle)) ||
    (consent !== undefined && consentedAtUnixMs !== consent.atUnixMs)
  )
    bundle.refuse(
      'wrong-assignment',
      'those who are assigned were told other terms, or another time of consent',
    );
}

function checkDealings(bundle: JudgedBundle, record: DealingsRecord): void {
  const { history, channel } = bundle;
  const { epoch, fence, dealings, selection } = record;
  if (bundle.refuseAfterEnd('bundle', 'it was dealt')) return;
  if (bundle.refuseDealt('it was dealt')) return;
  if (epoch !== FIRST_EPOCH)
    bundle.refuse('act-out-of-order', `epoch ${epoch} was dealt, and ${FIRST_EPOCH} is due`);
  const assignment = history.assignments.at(-1)?.record;
  const consentedAt = (history.acceptance ?? history).at;
  bundle.refuseAfterTime('it was dealt', setupDueUnixMs(history.bundle, consentedAt.timeUnixMs));
  bundle.refuseBefore(consentedAt, 'it was dealt');
  if (assignment?.orchestrators.includes(record.by) !== true || bundle.registry.isRetired(record.by))
    bundle.refuse('act-by-stranger', `${record.by} recorded its dealings, and is not assigned to deal it`);
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
  if (new Set(dealings.map(({ dealingId }) => dealingId)).size < dealings.length)
    bundle.refuse('wrong-dealing', 'two of its dealings have one ID');
  const odd = dealings.find(({ envelopes }) => envelopes.length !== holders.length);
  if (odd !== undefined)
    bundle.refuse(
      'wrong-dealing',
      `${odd.dealer} dealt ${odd.envelopes.length} envelopes to ${holders.length} holders`,
    );
  for (const { signature, ...dealing } of dealings) {
    const statement = dealingStatement({ channel, bundle: history.bundle, epoch, fence, holders, dealing });
    bundle.requireSignature(LABELS.dealingSignature, statement, signature, dealing.dealer);
  }
}

function checkPermit(bundle: JudgedBundle, { epoch, streams, party }: PermitRecord): void {
  const { bundle: request, dealings } = bundle.history;
  bundle.refuseAfterEnd(streams, `a release to ${party} was permitted`);
  bundle.refuseBeyond(streams);
  if (dealings?.record.epoch !== epoch)
    bundle.refuse('act-out-of-order', `a release of epoch ${epoch} was permitted before it was dealt`);
  bundle.refuseAfterTime('a release was permitted');
  if (dealings !== undefined) bundle.refuseBefore(dealings.at, 'a release was permitted');
  if ((party !== request.initiator && party !== request.policy.provider) || bundle.registry.isRetired(party))
    bundle.refuse('act-by-stranger', `a release was permitted to ${party}, which is none of its parties`);
}

/** @param besides - what the same transaction ended before */
function checkEnd(bundle: JudgedBundle, end: EndRecord, besides: readonly EndRecord[]): void {
  const { bundleId, index, reason } = end;
  if (index !== undefined) bundle.refuseBeyond([index]);
  if (
    besides.some((other) => other.bundleId === bundleId && (other.index ?? index) === (index ?? other.index))
  )
    bundle.refuse('act-after-end', `it ended (${reason}) twice in one transaction`, index);
  const { history, registry, act } = bundle;
  const broken = brokenEnd({ history, registry, end, act });
  if (broken !== undefined) bundle.refuse('wrong-end', `it ended (${reason}), and ${broken}`, index);
  bundle.refuseAfterEnd(index === undefined ? 'bundle' : [index], `it ended (${reason})`);
  if (index !== undefined && bundle.history.dealings === undefined)
    bundle.refuse('act-out-of-order', 'one stream ended before the bundle was dealt', index);
}

/** Who gives a heartbeat was admitted once; a witness, and nobody else, says how far its receipts have come. */
function checkBeat(
  { registry }: HistorySoFar,
  { nodeId, receipts }: HeartbeatRecord,
  at: Act,
): readonly Violation[] {
  const node = registry.node(nodeId);
  if (node === undefined || !isAdmitted(node))
    return [violationAt('act-by-stranger', at, undefined, `${nodeId} beats, and nobody has vouched for it`)];
  return checkSaid(node, receipts, at);
}
