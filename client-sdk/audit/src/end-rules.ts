import { LIMITS } from '@eko/protocol';
import { consentDueUnixMs, type EndRecord } from '@eko/protocol/ledger';
import { hasConsent, isPartyOf, lapseBy, type BundleHistory } from './bundle-history';
import type { RegistryTimeline } from './registry-timeline';
import type { Act } from './violation';

/** An end, what it ends, and who wrote it. */
export interface JudgedEnd {
  readonly history: BundleHistory;
  readonly registry: RegistryTimeline;
  readonly end: EndRecord;
  readonly act: Act;
}

/** By reason: why an end does not hold, if it does not. */
const RULES: Readonly<Record<EndRecord['reason'], (judged: JudgedEnd) => string | undefined>> = {
  revoked: ({ history, end: { by }, act }) => {
    const { initiatorMsp, providerMsp } = history.bundle;
    const isAdmin = act.submitter.isAdmin && by === `admin:${act.submitter.mspId}`;
    if (isAdmin && [initiatorMsp, providerMsp].includes(act.submitter.mspId)) return undefined;
    return isPartyOf(history, by) || wasAssigned(history, by) ? undefined : `${by} may not revoke it`;
  },
  completed: ({ history, end: { by } }) => {
    if (!isPartyOf(history, by)) return `${by} is none of its parties`;
    return history.dealings === undefined ? 'it was never active' : undefined;
  },
  declined: ({ history, end: { by, index }, act }) => {
    if (by !== history.bundle.policy.provider) return `${by} is not its provider`;
    if (hasConsent(history) || index !== undefined) return 'it was accepted';
    return act.timeUnixMs >= consentDueUnixMs(history.bundle) ? 'the time to answer was over' : undefined;
  },
  failed: ({ history, end: { by } }) => {
    if (isPartyOf(history, by)) return undefined;
    if (history.assignments.at(-1)?.record.orchestrators.includes(by) !== true)
      return `${by} is neither a party nor assigned`;
    return history.dealings === undefined ? undefined : 'it was dealt, and its parties end it';
  },
  expired: ({ history, end: { by, atUnixMs } }) => {
    const isParty = isPartyOf(history, by);
    const drawn = history.dealings?.record.selection.witnesses.includes(by) === true;
    if (!isParty && !drawn && !wasAssigned(history, by)) return `${by} takes no part in it`;
    const dueUnixMs = history.bundle.notAfterUnixMs + (isParty ? 0 : LIMITS.clockSkewMs);
    return atUnixMs < dueUnixMs ? 'its time was not over' : undefined;
  },
};

/**
 * Why the end of a stream was not its author's to write, or not then.
 * @see docs/protocol.md, "6. The end"
 */
export function brokenEnd(judged: JudgedEnd): string | undefined {
  const { end, registry } = judged;
  const broken = RULES[end.reason](judged);
  if (broken !== undefined || end.reason === 'revoked') return broken;
  if (end.reason !== 'declined' && lapseBy(judged.history, judged.act.timeUnixMs) !== undefined)
    return 'it had lapsed before';
  return registry.isRetired(end.by) ? `${end.by} is retired` : undefined;
}

function wasAssigned({ assignments }: BundleHistory, nodeId: string): boolean {
  return assignments.some(({ record }) => record.orchestrators.includes(nodeId));
}
