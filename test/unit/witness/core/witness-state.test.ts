import { LIMITS } from '@eko/protocol';
import { EVENTS, setupDueUnixMs } from '@eko/protocol/ledger';
import {
  accusationsOf,
  dropUnrecorded,
  expireBundle,
  lapseBundle,
  withDestroyed,
} from '../../../../network/witness/src/core/apply-ledger-event';
import {
  attestable,
  isDestructionDue,
  isFinished,
  punctureOf,
} from '../../../../network/witness/src/core/witness-state';
import { codedError } from '../../../support/coded-error';
import {
  attestationRecord,
  BUNDLE_ID,
  assignmentRecord,
  at,
  dealingId,
  dealingsRecord,
  endRecord,
  ended,
  hash,
  recorded,
  requested,
  txId,
  reassigned,
} from '../../../support/data/ledger-facts';
import { heldDealing as held } from './held-dealing';
import {
  abandonment,
  apply,
  deliver,
  delivery,
  kept,
  stateAfterRequest,
} from '../../../support/simulated/witness-states';

const attestationOf = (streams: 'all' | number[]) =>
  at(7, {
    name: EVENTS.destructionAttested,
    payload: {
      record: attestationRecord('witness-a', [{ bundleId: BUNDLE_ID, epoch: 1, streams }], 7),
    },
  });

describe('what a witness makes of ledger events', () => {
  it('keeps the recorded dealing and drops the others', () => {
    const other = { ...held, dealingId: dealingId('e') };
    const step = apply(stateAfterRequest(other, held), recorded());
    expect(step.next.held).toEqual([held]);
    expect(step.effects).toEqual([{ kind: 'drop', bundleId: BUNDLE_ID, dealing: other }]);
    expect(step.next.permits.map((permit) => permit.txId)).toEqual([txId(2)]);
  });

  it('drops shares of a place that the draw did not give it, and says so', () => {
    const misdealt = { ...held, column: 3 };
    const step = apply(stateAfterRequest(misdealt), recorded());
    expect(step.next.held).toEqual([]);
    expect(step.effects).toEqual([
      { kind: 'alarm', bundleId: BUNDLE_ID, dealer: 'dealer', reason: 'misdealt' },
      { kind: 'drop', bundleId: BUNDLE_ID, dealing: misdealt },
    ]);
  });

  it('drops shares whose dealer had another dealing recorded under the same name, before they are its own fault', () => {
    const [onLedger] = dealingsRecord().dealings;
    if (onLedger === undefined) throw new Error('the record has a dealing');
    const record = dealingsRecord({ dealings: [{ ...onLedger, sheetHash: hash('z') }] });
    const step = apply(stateAfterRequest(held), recorded(2, record));
    expect(step.next.held).toEqual([]);
    expect(step.effects).toEqual([
      { kind: 'alarm', bundleId: BUNDLE_ID, dealer: 'dealer', reason: 'misdealt' },
      { kind: 'drop', bundleId: BUNDLE_ID, dealing: held },
    ]);
    // What it had recorded can still be delivered, and nothing else.
    const right = { ...delivery, dealing: { ...delivery.dealing, sheetHash: hash('z') } };
    expect(deliver(step.next, { delivery: right })()).toMatchObject({ kind: 'open' });
    expect(codedError(deliver(step.next)).code).toBe('ENVELOPE_MISMATCH');
    const [, , , last = ''] = delivery.dealing.envelopes;
    const envelopes = [hash('i'), hash('j'), hash('x'), last];
    const swapped = { ...right, dealing: { ...right.dealing, envelopes } };
    expect(codedError(deliver(step.next, { delivery: swapped, envelopeHash: hash('x') })).code).toBe(
      'ENVELOPE_MISMATCH',
    );
  });

  it('destroys one stream and owes its attestation, then the rest, then is finished', () => {
    const active = apply(stateAfterRequest(held), recorded()).next;
    const one = apply(active, ended(5, endRecord({ index: 1 })));
    expect(one.effects).toEqual([{ kind: 'destroy', bundleId: BUNDLE_ID }]);
    // Nothing is destroyed yet: what is stored still gives both streams, and what is to be stored gives one.
    expect(one.next.held).toEqual([held]);
    expect(punctureOf(one.next, held)).toEqual({ living: [{ depth: 1, position: 0 }], going: held.nodes });
    expect([isDestructionDue(one.next), attestable(one.next)]).toEqual([true, []]);
    const rest = { ...held, nodes: [{ depth: 1, position: 0 }] };
    const punctured = { ...one.next, held: [rest], toDestroy: [held] };
    expect([isDestructionDue(punctured), attestable(punctured)]).toEqual([true, []]);
    const destroyed = withDestroyed(punctured, [held]);
    expect([punctureOf(destroyed, rest), attestable(destroyed)]).toEqual([undefined, [1]]);
    const all = apply(punctured, ended(6, endRecord()));
    expect(all.effects).toEqual([{ kind: 'destroy', bundleId: BUNDLE_ID }]);
    expect(all.next).toMatchObject({ held: [], toDestroy: [held, rest] });
    // What the first end gave to destroy is destroyed, what the second did is not.
    const half = withDestroyed(all.next, [held]);
    expect(attestable(half)).toEqual([]);
    expect(isFinished({ ...half, unattested: [] }, 'witness-a')).toBe(false);
    const gone = withDestroyed(half, half.toDestroy);
    expect(attestable(gone)).toBe('all');
    const settled = apply(gone, attestationOf('all')).next;
    expect(isFinished(settled, 'witness-a')).toBe(true);
  });

  it('is finished, too, with a bundle whose streams ended one by one', () => {
    const one = apply(
      apply(stateAfterRequest(held), recorded()).next,
      ended(5, endRecord({ index: 1 })),
    ).next;
    const all = apply(one, ended(6, endRecord({ index: 0 }))).next;
    expect(all).toMatchObject({ ended: 'all', endedOnLedger: 'all', held: [], unattested: 'all' });
    const settled = apply(withDestroyed(all, all.toDestroy), attestationOf('all')).next;
    expect(isFinished(settled, 'witness-a')).toBe(true);
    const together = ended(5, endRecord({ index: 0 }), endRecord({ index: 1 }));
    expect(apply(stateAfterRequest(), together).next.endedOnLedger).toBe('all');
  });

  it('still owes what an attestation leaves out of a bundle that is over', () => {
    const active = apply(stateAfterRequest(held), recorded()).next;
    const expired = expireBundle(active, active.bundle.notAfterUnixMs).next;
    if (expired === undefined) throw new Error('the bundle is still there');
    expect(apply(expired, attestationOf([1])).next.unattested).toEqual([0]);
    expect(apply(expired, attestationOf([1, 0])).next.unattested).toEqual([]);
  });

  it('forgets a bundle that it was not drawn for, but not while it owes an attestation', () => {
    const active = apply(stateAfterRequest(held), recorded()).next;
    expect([isFinished(active, 'witness-a'), isFinished(active, 'witness-c')]).toEqual([false, true]);
    expect(isFinished(stateAfterRequest(), 'witness-c')).toBe(false);
    expect(isFinished({ ...active, unattested: [1] }, 'witness-c')).toBe(false);
  });

  it('is not settled by the attestation of somebody else', () => {
    const over = apply(apply(stateAfterRequest(held), recorded()).next, ended(5, endRecord())).next;
    const record = attestationRecord('witness-b', [{ bundleId: BUNDLE_ID, epoch: 1, streams: 'all' }], 7);
    const step = apply(over, at(7, { name: 'DestructionAttested', payload: { record } }));
    expect(attestable(withDestroyed(step.next, step.next.toDestroy))).toBe('all');
  });

  it('changes nothing when events come again', () => {
    const once = apply(stateAfterRequest(held), recorded()).next;
    for (const event of [requested(), recorded()]) {
      const again = apply(once, event);
      expect(again.next).toEqual(once);
      expect(again.effects).toEqual([]);
    }
  });

  it('destroys at expiry by its own clock, but attests only what the ledger has ended', () => {
    const active = apply(stateAfterRequest(held), recorded()).next;
    expect(expireBundle(active, active.bundle.notAfterUnixMs - 1).next).toBe(active);
    const expired = expireBundle(active, active.bundle.notAfterUnixMs);
    expect(expired.effects).toEqual([{ kind: 'destroy', bundleId: BUNDLE_ID }]);
    if (expired.next === undefined) throw new Error('the bundle is still there');
    const gone = withDestroyed(expired.next, expired.next.toDestroy);
    expect(attestable(gone)).toEqual([]);
    expect(attestable(apply(gone, ended(5, endRecord({ reason: 'expired' }))).next)).toBe('all');
  });

  it('drops what was not dealt in time when no dealing can come any more, attests nothing and forgets it', () => {
    const undealt = stateAfterRequest(held);
    const { bundle, assignment } = undealt;
    const lapsesAt = setupDueUnixMs(bundle, assignment.atUnixMs) + LIMITS.clockSkewMs;
    expect(lapseBundle(undealt, lapsesAt - 1)).toEqual({ next: undealt, effects: [] });
    const lapsed = lapseBundle(undealt, lapsesAt);
    expect(lapsed.effects).toEqual([{ kind: 'drop', bundleId: BUNDLE_ID, dealing: held }]);
    expect(lapsed.next === undefined ? [] : attestable(lapsed.next)).toEqual([]);
    expect(lapsed.next !== undefined && isFinished(lapsed.next, 'witness-a')).toBe(true);
    const active = apply(stateAfterRequest(held), recorded()).next;
    expect(lapseBundle(active, lapsesAt).next).toBe(active);
  });

  it('attests nothing of what it destroyed at expiry and was not drawn for: the ledger would refuse the batch', () => {
    const expired = expireBundle(stateAfterRequest(held), stateAfterRequest().bundle.notAfterUnixMs).next;
    if (expired === undefined) throw new Error('the bundle is still there');
    const gone = withDestroyed(expired, expired.toDestroy);
    const endOf = (record: ReturnType<typeof dealingsRecord>) =>
      apply(apply(gone, recorded(2, record)).next, ended(5, endRecord())).next;
    expect(attestable(endOf(dealingsRecord()))).toBe('all');
    const { selection } = dealingsRecord();
    const others = dealingsRecord({ selection: { ...selection, witnesses: ['witness-b', 'witness-c'] } });
    expect(attestable(endOf(others))).toEqual([]);
    expect(isFinished(endOf(others), 'witness-a')).toBe(true);
  });

  it('drops what was dealt under an earlier assignment: it can never be recorded', () => {
    const fresh = { ...held, dealingId: dealingId('n'), fence: 1 };
    const step = apply(stateAfterRequest(held, fresh), reassigned(2, assignmentRecord({ fence: 1 })));
    expect(step.next.held).toEqual([fresh]);
    expect(step.effects).toEqual([{ kind: 'drop', bundleId: BUNDLE_ID, dealing: held }]);
  });

  it('does not count what another dealer has abandoned', () => {
    const others = { ...held, dealer: 'another', dealingId: dealingId('o') };
    const decision = deliver(stateAfterRequest(others), {
      delivery: { ...delivery, abandoned: [abandonment('o')] },
    })();
    expect(decision).toMatchObject({ kind: 'open', abandoned: [] });
  });

  it('keeps what a dealer signed as abandoned until another dealing is recorded or can be', () => {
    const state = { ...stateAfterRequest(), abandoned: [kept('x')] };
    const other = apply(state, recorded());
    expect(other.next.abandoned).toEqual([]);
    expect(other.effects).toEqual([]);
    expect(apply(state, reassigned(2, assignmentRecord({ fence: 1 }))).next.abandoned).toEqual([]);
    expect(apply(state, ended(5, endRecord({ index: 1 }))).next.abandoned).toEqual([kept('x')]);
  });

  it('accuses a dealer that has recorded what it signed as abandoned, and only that dealer', () => {
    const strange = { ...kept('d'), dealer: 'another' };
    const state = { ...stateAfterRequest(), abandoned: [kept('x'), kept('d'), strange] };
    const step = apply(state, recorded());
    expect(step.next.abandoned).toEqual([kept('d')]);
    expect(step.effects).toEqual([{ kind: 'accuse', bundleId: BUNDLE_ID, abandonment: kept('d') }]);
    expect(accusationsOf(step.next)).toEqual(step.effects);
    expect(accusationsOf(state)).toEqual([]);
  });

  it('drops a dealing that never reached the ledger', () => {
    const state = stateAfterRequest(held);
    expect(dropUnrecorded(state, held.storedAtUnixMs + 1_000, 1_000).next).toBe(state);
    const step = dropUnrecorded(state, held.storedAtUnixMs + 1_001, 1_000);
    expect(step.effects).toEqual([{ kind: 'drop', bundleId: BUNDLE_ID, dealing: held }]);
    expect(step.next?.held).toEqual([]);
  });
});
