import { LIMITS } from '@eko/protocol';
import {
  CERTIFICATE_ATTRIBUTES,
  EVENTS,
  nodeOf,
  type LedgerEvent,
  type NodeRecord,
} from '@eko/protocol/ledger';
import type { HistorySoFar } from './history-so-far';
import { brokenNode } from './node-rules';
import { violationAt, type Act, type HistoryRule, type Violation } from './violation';

/** What a record says of the transaction that wrote it. */
interface Claim {
  readonly author?: string;
  readonly txId?: string;
  readonly atUnixMs?: number;
  readonly streamId?: string;
}

/** Holds what an event says of its author, transaction and time against the transaction that it came with. */
export function checkAuthor(history: HistorySoFar, event: LedgerEvent, act: Act): readonly Violation[] {
  const claims = claimsOf(event).flatMap((claim) => checkClaim(history, claim, act));
  const node = nodeOf(event);
  return node === undefined ? claims : [...claims, ...checkNode(history, event, node, act)];
}

function checkClaim({ registry, nowUnixMs }: HistorySoFar, claim: Claim, act: Act): readonly Violation[] {
  const { author, txId = act.txId, atUnixMs = act.timeUnixMs, streamId } = claim;
  const found: Violation[] = [];
  const refuse = (rule: HistoryRule, text: string): number =>
    found.push(violationAt(rule, act, streamId, text));
  if (author !== undefined && !isAuthor(author, registry.nodeOf(act.submitter.identity)?.nodeId, act))
    refuse('wrong-author', `it names ${author}, who has not submitted it`);
  if (txId !== act.txId) refuse('wrong-author', `it names transaction ${txId}`);
  if (atUnixMs !== act.timeUnixMs)
    refuse('wrong-time', `it names ${timeText(atUnixMs)}, and its transaction ${timeText(act.timeUnixMs)}`);
  if (act.timeUnixMs > nowUnixMs + LIMITS.clockSkewMs)
    refuse('wrong-time', `its time, ${timeText(act.timeUnixMs)}, has not come yet`);
  return found;
}

function isAuthor(author: string, nodeId: string | undefined, { submitter }: Act): boolean {
  return author === nodeId || (submitter.isAdmin && author === `admin:${submitter.mspId}`);
}

/** A time for people; of one that no calendar has, its number: transactions can bear any. */
export function timeText(unixMs: number): string {
  const date = new Date(unixMs);
  return Number.isNaN(date.getTime()) ? `${unixMs} ms` : date.toISOString();
}

function claimsOf(event: LedgerEvent): readonly Claim[] {
  switch (event.name) {
    case EVENTS.nodeRegistered:
    case EVENTS.nodeUpdated:
    case EVENTS.nodeApproved:
    case EVENTS.nodeRejected:
    case EVENTS.nodeRetired:
    case EVENTS.offersChanged:
      return [{ txId: event.payload.node.txId }];
    case EVENTS.heartbeat:
      return [{ author: event.payload.nodeId, atUnixMs: event.payload.atUnixMs }];
    case EVENTS.streamsRequested: {
      const { bundle, assignment } = event.payload;
      const { bundleId, initiator: author, requestTxId: txId, requestedAtUnixMs: atUnixMs } = bundle;
      return [
        { author, txId, atUnixMs, streamId: bundleId },
        ...(assignment === undefined ? [] : [{ ...assignment, streamId: bundleId }]),
      ];
    }
    case EVENTS.streamsAccepted: {
      const { acceptance, assignment } = event.payload;
      const { by, bundleId: streamId, txId, atUnixMs } = acceptance;
      return [
        { author: by, txId, atUnixMs, streamId },
        { ...assignment, streamId },
      ];
    }
    case EVENTS.orchestratorsReassigned: {
      const { assignment } = event.payload;
      return [{ ...assignment, streamId: assignment.bundleId }];
    }
    case EVENTS.dealingsRecorded: {
      const { by, bundleId, txId, atUnixMs } = event.payload.record;
      return [{ author: by, txId, atUnixMs, streamId: bundleId }];
    }
    case EVENTS.releaseAuthorized: {
      const { party, bundleId, txId, atUnixMs } = event.payload.permit;
      return [{ author: party, txId, atUnixMs, streamId: bundleId }];
    }
    case EVENTS.streamsEnded:
      return event.payload.ends.map(({ bundleId, index, by, txId, atUnixMs }) => ({
        author: by,
        txId,
        atUnixMs,
        streamId: index === undefined ? bundleId : `${bundleId}/${index}`,
      }));
    case EVENTS.destructionAttested: {
      const { nodeId, txId, atUnixMs } = event.payload.attestation;
      return [{ author: nodeId, txId, atUnixMs }];
    }
  }
}

/** What a node does with its own record, and what administrators of its organisation do. */
const ITSELF: readonly LedgerEvent['name'][] = [
  EVENTS.nodeRegistered,
  EVENTS.nodeUpdated,
  EVENTS.nodeRetired,
  EVENTS.offersChanged,
];
const ADMINISTRATORS: readonly LedgerEvent['name'][] = [
  EVENTS.nodeApproved,
  EVENTS.nodeRejected,
  EVENTS.nodeRetired,
];

function checkNode(
  { registry }: HistorySoFar,
  { name }: LedgerEvent,
  node: NodeRecord,
  act: Act,
): readonly Violation[] {
  const { nodeId, identity, mspId, role, keyEpoch } = node;
  const refuse = (rule: HistoryRule, text: string): readonly Violation[] => [
    violationAt(rule, act, undefined, `${nodeId}: ${text}`),
  ];
  const before = registry.node(nodeId);
  const { submitter } = act;
  const isItself = identity === submitter.identity && mspId === submitter.mspId;
  const isByAdmin = submitter.isAdmin && mspId === submitter.mspId;
  if (!(ITSELF.includes(name) && isItself) && !(ADMINISTRATORS.includes(name) && isByAdmin))
    return refuse('wrong-author', 'somebody else has submitted it');
  if (name !== EVENTS.nodeApproved && takesPartUnvouched(before, node, act))
    return refuse('wrong-node', 'nobody of its organisation has vouched for what it is now');
  if (name === EVENTS.nodeRegistered) {
    if (before !== undefined) return refuse('wrong-node', 'it is registered a second time');
    if (registry.nodeOf(identity) !== undefined)
      return refuse('wrong-node', 'its identity has a node already');
    if (keyEpoch !== 1) return refuse('wrong-node', `its first key epoch is ${keyEpoch}`);
    const broken = brokenNode(name, undefined, node);
    return broken === undefined ? [] : refuse('wrong-node', broken);
  }
  if (before === undefined) return refuse('wrong-node', 'it was never registered');
  if (registry.isRetired(nodeId)) return refuse('wrong-node', 'it is retired');
  if (before.status === 'rejected') return refuse('wrong-node', 'its organisation has turned it away');
  const epoch = before.keyEpoch + (name === EVENTS.nodeUpdated ? 1 : 0);
  if (identity !== before.identity || mspId !== before.mspId || role !== before.role || keyEpoch !== epoch)
    return refuse('wrong-node', 'its identity, organisation, role or key epoch is another one');
  const broken = brokenNode(name, before, node);
  return broken === undefined ? [] : refuse('wrong-node', broken);
}

/** Whether a node comes into a roster, or has other facts there, that its submitter's certificate does not vouch for. */
function takesPartUnvouched(
  before: NodeRecord | undefined,
  { role, status, zone, tags = [] }: NodeRecord,
  { submitter: { attributes } }: Act,
): boolean {
  if (role === 'party' || status !== 'active') return false;
  const isAsBefore =
    before?.status === 'active' && before.zone === zone && (before.tags ?? []).join() === tags.join();
  if (isAsBefore) return false;
  const vouched = (attributes.get(CERTIFICATE_ATTRIBUTES.tags) ?? '').split(',');
  return !(
    attributes.get(CERTIFICATE_ATTRIBUTES.role) === role &&
    (zone === undefined || attributes.get(CERTIFICATE_ATTRIBUTES.zone) === zone) &&
    tags.every((tag) => vouched.includes(tag))
  );
}
