import { LIMITS } from '@eko/protocol';
import {
  CERTIFICATE_ATTRIBUTES,
  EVENTS,
  nodeOf,
  type LedgerEvent,
  type NodeRecord,
} from '@eko/protocol/ledger';
import { claimsOf, type Claim } from './event-facts';
import type { HistorySoFar } from './history-so-far';
import { brokenNode } from './node-rules';
import { violationAt, type Act, type HistoryRule, type Violation } from './violation';

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
