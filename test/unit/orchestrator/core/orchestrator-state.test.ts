import { LIMITS } from '@eko/protocol';
import { EVENTS, setupDueUnixMs, type LedgerEvent } from '@eko/protocol/ledger';
import { applyLedgerEvent } from '../../../../network/orchestrator/src/core/apply-ledger-event';
import { destroyedDealings } from '../../../../network/orchestrator/src/core/abandon-dealings';
import { expireBundle } from '../../../../network/orchestrator/src/core/expire-bundle';
import type { LeadMoment, LeadTimes } from '../../../../network/orchestrator/src/core/lead-messages';
import { leadStep } from '../../../../network/orchestrator/src/core/lead-step';
import {
  isFinished,
  type OrchestratorState,
} from '../../../../network/orchestrator/src/core/orchestrator-state';
import {
  attestationRecord,
  BUNDLE_ID,
  accepted,
  assignmentRecord,
  at,
  bundleRecord,
  bundleTerms,
  dealingId,
  dealingsRecord,
  endRecord,
  ended,
  hash,
  recorded,
  requested,
  reassigned,
} from '../../../support/data/ledger-facts';
import { acceptedBundle } from '../../../support/simulated/dealer-harness';

const TIMES: LeadTimes = { leadSilenceMs: 3_000, attemptMs: 8_000, retryMs: 300, setupMs: 60_000 };
const OWN = dealingId('o');
const OTHER = dealingId('x');

const moment = (change: Partial<LeadMoment> = {}): LeadMoment => ({
  nodeId: 'orchestrator-a',
  monotonicMs: 0,
  unixMs: 1_001_000,
  ...change,
});

const step = (state: OrchestratorState | undefined, event: LedgerEvent, now = moment()) =>
  applyLedgerEvent(state, event, BUNDLE_ID, now, TIMES);

/** A record in which this node is a dealer with the dealing `OWN`. */
function recordedByUs(block = 2): LedgerEvent {
  const record = dealingsRecord();
  const [dealing] = record.dealings;
  if (dealing === undefined) throw new Error('the record has a dealing');
  return recorded(block, {
    ...record,
    dealings: [{ ...dealing, dealer: 'orchestrator-a', dealingId: OWN }],
  });
}

/** The state of a bundle that is followed. */
function known(state: OrchestratorState | undefined): OrchestratorState {
  if (state === undefined) throw new Error('the bundle is known');
  return state;
}

const attestedBy = (nodeId: string): LedgerEvent =>
  at(8, {
    name: EVENTS.destructionAttested,
    payload: {
      // Whoever submitted it.
      record: attestationRecord(nodeId, [{ bundleId: BUNDLE_ID, epoch: 1, streams: 'all' }], 8),
    },
  });

describe('a bundle at an orchestrator', () => {
  it('is followed from its consent, by an offer or by the provider, and leads at once only where it comes first', () => {
    const first = step(undefined, requested(), moment({ nodeId: 'dealer', monotonicMs: 5 })).next;
    expect(first?.lead).toEqual({ kind: 'waiting', leadAtMonotonicMs: 5 });
    expect(step(undefined, requested()).next?.lead).toEqual({ kind: 'idle' });
    const byHand = step(undefined, accepted(), moment({ nodeId: 'dealer', monotonicMs: 5 })).next;
    expect(byHand).toEqual(first);
  });

  it('is nothing to it before anybody has consented', () => {
    const { offerId, ...asked } = bundleRecord();
    expect(offerId).toBeDefined();
    const bundle = { ...asked, providerVrf: hash('v') };
    const event = at(1, { name: EVENTS.streamsRequested, payload: { bundle } });
    expect(step(undefined, event)).toEqual({ next: undefined, effects: [] });
  });

  it('keeps the recorded dealing and destroys every other', () => {
    const { next, effects } = step(acceptedBundle({ outbox: [OTHER, OWN] }), recordedByUs());
    expect(next?.outbox).toEqual([OWN]);
    expect(effects).toEqual([
      { kind: 'deliver', bundleId: BUNDLE_ID, dealingId: OWN },
      { kind: 'destroy', bundleId: BUNDLE_ID, dealingIds: [OTHER] },
    ]);
  });

  it('is forgotten where others dealt it', () => {
    const { next, effects } = step(acceptedBundle({ outbox: [OTHER] }), recorded());
    expect(effects).toEqual([{ kind: 'destroy', bundleId: BUNDLE_ID, dealingIds: [OTHER] }]);
    expect(isFinished(known(next), 'orchestrator-a')).toBe(false);
    const gone = destroyedDealings(known(next), [OTHER], 'orchestrator-a');
    expect(gone.owesAttestation).toBe(false);
    expect(isFinished(gone, 'orchestrator-a')).toBe(true);
  });

  it('destroys its dealing at the end of the last stream, and then owes that until the ledger shows it', () => {
    const active = step(acceptedBundle({ outbox: [OWN] }), recordedByUs()).next;
    const half = step(active, ended(3, endRecord({ index: 0 })));
    const holders = ['initiator', 'provider', 'witness-a', 'witness-b'];
    expect(half.effects).toEqual([{ kind: 'withdraw', bundleId: BUNDLE_ID, dealingId: OWN, holders }]);
    const over = step(half.next, ended(4, endRecord({ index: 1 })));
    expect(over.effects).toEqual([{ kind: 'destroy', bundleId: BUNDLE_ID, dealingIds: [OWN] }]);
    expect(over.next).toMatchObject({ outbox: [], destroying: [OWN], owesAttestation: false });
    expect(isFinished(known(over.next), 'orchestrator-a')).toBe(false);
    const gone = destroyedDealings(known(over.next), [OWN], 'orchestrator-a');
    expect(gone).toMatchObject({ destroying: [], owesAttestation: true });
    expect(isFinished(gone, 'orchestrator-a')).toBe(false);
    expect(step(gone, attestedBy('witness-a')).next).toBe(gone);
    expect(isFinished(known(step(gone, attestedBy('orchestrator-a')).next), 'orchestrator-a')).toBe(true);
  });

  it('owes the attestation although a crash came between destroying and writing', () => {
    const active = step(acceptedBundle({ outbox: [OWN] }), recordedByUs()).next;
    if (active === undefined) throw new Error('the bundle is known');
    const { next, effects } = step({ ...active, outbox: [] }, ended(3, endRecord()));
    expect(effects).toEqual([]);
    expect(next?.owesAttestation).toBe(true);
  });

  it.each([
    ['request', requested()],
    ['record', recordedByUs(9)],
    ['end', ended(9, endRecord())],
    ['reassignment', reassigned(9, assignmentRecord())],
  ])('does not change when its %s comes again', (_, event) => {
    const active = step(acceptedBundle({ outbox: [OWN] }), recordedByUs()).next;
    const over = step(active, ended(3, endRecord())).next;
    expect(step(over, event)).toEqual({ next: over, effects: [] });
  });

  it('is known from the event on that assigns a node which did not hear of its consent', () => {
    const assignment = assignmentRecord({ fence: 1, orchestrators: ['orchestrator-b', 'orchestrator-a'] });
    const { next } = step(undefined, reassigned(3, assignment));
    expect(next).toMatchObject({ bundle: bundleTerms(), assignment, acceptedAtUnixMs: 1_000_000 });
    expect(next?.lead).toMatchObject({ kind: 'waiting' });
    const others = assignmentRecord({ fence: 1, orchestrators: ['orchestrator-b', 'dealer-a'] });
    for (const event of [reassigned(3, others), recorded(2), ended(3, endRecord())])
      expect(step(undefined, event)).toEqual({ next: undefined, effects: [] });
  });

  it('starts anew under another assignment, with nothing of the last held against anybody', () => {
    const assignment = assignmentRecord({ fence: 1, orchestrators: ['orchestrator-b', 'orchestrator-a'] });
    const before = acceptedBundle({ failures: 3, attempt: 4 });
    expect(step(before, reassigned(3, assignment)).next).toMatchObject({
      assignment,
      failures: 0,
      attempt: 5,
      lead: { kind: 'waiting', leadAtMonotonicMs: 3_000 },
    });
  });
});

describe('a bundle whose time is over', () => {
  const over = moment({ unixMs: acceptedBundle().bundle.notAfterUnixMs });

  it('loses its dealings at once, and its end is written in turn', () => {
    const active = step(acceptedBundle({ outbox: [OWN] }), recordedByUs()).next;
    if (active === undefined) throw new Error('the bundle is known');
    const gone = expireBundle(active, over);
    expect(gone.effects).toEqual([{ kind: 'destroy', bundleId: BUNDLE_ID, dealingIds: [OWN] }]);
    expect(expireBundle(gone.next, over)).toEqual({ next: gone.next, effects: [] });
    const later = expireBundle(gone.next, { ...over, unixMs: over.unixMs + LIMITS.clockSkewMs + 30_000 });
    expect(later.effects).toEqual([
      { kind: 'end', argument: { bundleId: BUNDLE_ID, streams: 'all', reason: 'expired' } },
    ]);
    expect(later.next.owesAttestation).toBe(false);
    expect(destroyedDealings(later.next, [OWN], 'orchestrator-a').owesAttestation).toBe(true);
  });

  it('is left to those who are assigned', () => {
    const stranger = { ...over, nodeId: 'orchestrator-z', unixMs: over.unixMs + 1e6 };
    const dealt = step(acceptedBundle(), recorded()).next!;
    expect(expireBundle(dealt, stranger)).toEqual({ next: dealt, effects: [] });
  });

  it('is over without a record where it was not dealt in time, and is forgotten', () => {
    const undealt = acceptedBundle({ outbox: [OWN] });
    const lapsesAt = setupDueUnixMs(undealt.bundle, undealt.acceptedAtUnixMs) + LIMITS.clockSkewMs;
    const before = moment({ unixMs: lapsesAt - 1 });
    expect(expireBundle(undealt, before)).toEqual({ next: undealt, effects: [] });
    const lapsed = expireBundle(undealt, moment({ unixMs: lapsesAt }));
    expect(lapsed.effects).toEqual([{ kind: 'destroy', bundleId: BUNDLE_ID, dealingIds: [OWN] }]);
    expect(isFinished(destroyedDealings(lapsed.next, [OWN], 'orchestrator-a'), 'orchestrator-a')).toBe(true);
    const empty = expireBundle(acceptedBundle(), moment({ unixMs: lapsesAt }));
    expect([empty.effects, isFinished(empty.next, 'orchestrator-a')]).toEqual([
      [{ kind: 'destroy', bundleId: BUNDLE_ID, dealingIds: [] }],
      true,
    ]);
    const dealt = step(undealt, recordedByUs()).next!;
    expect(expireBundle(dealt, moment({ unixMs: lapsesAt })).next).toBe(dealt);
  });

  it('is not dealt any more', () => {
    const waiting = acceptedBundle({ lead: { kind: 'waiting', leadAtMonotonicMs: 0 } });
    expect(leadStep(waiting, { kind: 'tick', hasRoom: true }, over, TIMES)).toEqual({
      next: waiting,
      effects: [],
    });
  });
});

describe('an attempt to lead', () => {
  const leading = acceptedBundle({ attempt: 2, lead: { kind: 'submitting', startedAtMonotonicMs: 0 } });

  it('comes again after growing pauses', () => {
    let state = leading;
    const pauses: number[] = [];
    for (let failure = 0; failure < 7; failure += 1) {
      const event = {
        kind: 'peerFailed',
        attempt: state.attempt,
        peer: 'orchestrator-b',
        code: 'PEER_UNAVAILABLE',
      } as const;
      state = leadStep(state, event, moment(), TIMES).next;
      if (state.lead.kind === 'waiting') pauses.push(state.lead.leadAtMonotonicMs);
    }
    expect(pauses).toEqual([300, 600, 1_200, 2_400, 4_800, 5_000, 5_000]);
  });

  it('ends the request with the word of the witnesses that are full, after three attempts', () => {
    let state = leading;
    const effects: unknown[] = [];
    for (let failure = 0; failure < 3; failure += 1) {
      const peer = 'orchestrator-a';
      const event = { kind: 'peerFailed', attempt: state.attempt, peer, code: 'QUORUM_UNAVAILABLE' } as const;
      expect(effects).toEqual([]);
      const { next, effects: came } = leadStep(state, { ...event, full: ['witness-b'] }, moment(), TIMES);
      effects.push(...came);
      state = next;
    }
    expect(effects).toMatchObject([
      { kind: 'end', argument: { reason: 'failed', note: 'STORE_FULL: no room at witness-b' } },
    ]);
  });

  it('waits for the events that it has not seen when the ledger is ahead', () => {
    const event = { kind: 'submitFailed', attempt: 2, code: 'ALREADY_EXISTS' } as const;
    expect(leadStep(leading, event, moment(), TIMES).next.lead).toEqual({
      kind: 'waiting',
      leadAtMonotonicMs: 3_000,
    });
  });

  it.each([
    ['the ledger', { kind: 'submitFailed', attempt: 2, code: 'POLICY_UNSATISFIABLE' } as const],
    [
      'its own draw',
      { kind: 'peerFailed', attempt: 2, peer: 'orchestrator-a', code: 'POLICY_UNSATISFIABLE' } as const,
    ],
  ])('ends the request when %s finds too few witnesses', (_, event) => {
    expect(leadStep(leading, event, moment(), TIMES).effects).toMatchObject([
      { kind: 'end', argument: { bundleId: BUNDLE_ID, reason: 'failed' } },
    ]);
  });

  it('does not believe a peer that says so', () => {
    const event = {
      kind: 'peerFailed',
      attempt: 2,
      peer: 'orchestrator-b',
      code: 'POLICY_UNSATISFIABLE',
    } as const;
    expect(leadStep(leading, event, moment(), TIMES).effects).toEqual([]);
  });
});

describe('whose turn it is to lead', () => {
  const second = moment({ nodeId: 'orchestrator-b' });
  const waiting = acceptedBundle({ lead: { kind: 'waiting', leadAtMonotonicMs: 3_000 } });
  const at2900 = { ...second, monotonicMs: 2_900 };
  const tick = { kind: 'tick', hasRoom: true } as const;

  it('comes later while the one before asks: it is not silent', () => {
    const { next } = leadStep(waiting, { kind: 'asked', by: 'orchestrator-a' }, at2900, TIMES);
    expect(next.lead).toEqual({ kind: 'waiting', leadAtMonotonicMs: 5_900 });
    expect(leadStep(next, tick, { ...second, monotonicMs: 5_899 }, TIMES).effects).toEqual([]);
    expect(leadStep(next, tick, { ...second, monotonicMs: 5_900 }, TIMES).effects).not.toEqual([]);
  });

  it.each(['orchestrator-b', 'orchestrator-z'])('is not put off by %s, who does not come before', (by) => {
    expect(leadStep(waiting, { kind: 'asked', by }, at2900, TIMES).next).toEqual(waiting);
  });

  it('is not put off once it has come', () => {
    const leading = leadStep(waiting, tick, { ...second, monotonicMs: 3_000 }, TIMES).next;
    expect(leadStep(leading, { kind: 'asked', by: 'orchestrator-a' }, at2900, TIMES).next).toEqual(leading);
  });

  it('waits for room', () => {
    const due = { ...second, monotonicMs: 3_000 };
    expect(leadStep(waiting, { kind: 'tick', hasRoom: false }, due, TIMES)).toEqual({
      next: waiting,
      effects: [],
    });
  });
});
