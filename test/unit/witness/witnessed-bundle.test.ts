import { EVENTS, type EnvelopeDelivery } from '@eko/protocol';
import {
  accusationsOf,
  applyLedgerEvent,
  dropUnrecorded,
  expireBundle,
} from '../../../network/witness/src/core/apply-ledger-event';
import { decideDelivery } from '../../../network/witness/src/core/decide-delivery';
import {
  attestable,
  isFinished,
  type HeldDealing,
  type KeptAbandonment,
  type WitnessedBundle,
} from '../../../network/witness/src/core/witnessed-bundle';
import { codedError } from '../../support/coded-error';
import {
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
} from '../../support/ledger/ledger-facts';
import { heldDealing as held } from '../../support/witness/held-dealing';

const view = { nodeId: 'witness-a', monotonicMs: 10 };

function stateAfterRequest(...dealings: readonly HeldDealing[]): WitnessedBundle {
  const { next } = applyLedgerEvent(undefined, requested(), BUNDLE_ID, view);
  if (next === undefined) throw new Error('a request makes a bundle');
  return { ...next, held: dealings };
}

function apply(
  state: WitnessedBundle,
  event: Parameters<typeof applyLedgerEvent>[1],
): ReturnType<typeof applyLedgerEvent> & { next: WitnessedBundle } {
  const step = applyLedgerEvent(state, event, BUNDLE_ID, view);
  if (step.next === undefined) throw new Error('the bundle is still there');
  return { ...step, next: step.next };
}

const delivery: EnvelopeDelivery = {
  bundleId: BUNDLE_ID,
  epoch: 1,
  fence: 0,
  dealing: {
    dealer: 'dealer',
    dealingId: dealingId('d'),
    suite: 'x25519-chacha20poly1305',
    sheetHash: hash('h'),
    envelopes: [hash('i'), hash('j'), hash('k'), hash('l')],
  },
  signature: `${'g'.repeat(85)}A`,
  holders: ['initiator', 'provider', 'witness-a', 'witness-b'],
  envelope: 'AAAA',
  sheet: 'AAAA',
};

const SIGNATURE = `${'s'.repeat(85)}A`;
const abandonment = (fill: string) => ({ dealingId: dealingId(fill), signature: SIGNATURE });
const kept = (fill: string): KeptAbandonment => ({
  ...abandonment(fill),
  dealer: 'dealer',
  signKey: hash('s'),
});

const deliver =
  (state: WitnessedBundle | undefined, change: Partial<Parameters<typeof decideDelivery>[0]> = {}) =>
  () =>
    decideDelivery({
      state,
      delivery,
      envelopeHash: hash('k'),
      sender: 'dealer',
      nodeId: 'witness-a',
      channel: 'c',
      ...change,
    });

describe('what a witness makes of ledger events', () => {
  it('keeps the recorded dealing and drops the others', () => {
    const other = { ...held, dealingId: dealingId('e') };
    const step = apply(stateAfterRequest(other, held), recorded());
    expect(step.next.held).toEqual([held]);
    expect(step.effects).toEqual([{ kind: 'drop', bundleId: BUNDLE_ID, dealing: other }]);
    expect(step.next.permits.map((permit) => permit.txId)).toEqual([txId(2)]);
  });

  it('gives up a share that the draw did not give it, and says so', () => {
    const misdealt = {
      ...held,
      shares: [
        { index: 0, shareIndex: 2 },
        { index: 1, shareIndex: 2 },
      ],
    };
    const step = apply(stateAfterRequest(misdealt), recorded());
    expect(step.next.held[0]?.shares).toEqual([{ index: 1, shareIndex: 2 }]);
    expect(step.effects.map((effect) => effect.kind)).toEqual(['alarm', 'drop']);
  });

  it('gives up shares whose dealer had another dealing recorded under the same name, before they are its own fault', () => {
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
    expect(one.effects).toEqual([{ kind: 'destroy', bundleId: BUNDLE_ID, streams: [1] }]);
    expect(one.next.held[0]?.shares).toEqual([{ index: 0, shareIndex: 1 }]);
    expect(attestable(one.next)).toEqual([1]);
    const all = apply(one.next, ended(6, endRecord()));
    expect(all.effects).toEqual([{ kind: 'destroy', bundleId: BUNDLE_ID, streams: 'all' }]);
    expect(attestable(all.next)).toBe('all');
    const attestation = {
      nodeId: 'witness-a',
      destructions: [{ bundleId: BUNDLE_ID, epoch: 1, streams: 'all' as const }],
      signature: '',
      txId: txId(7),
      atUnixMs: 1,
    };
    const settled = apply(all.next, at(7, { name: 'DestructionAttested', payload: { attestation } })).next;
    expect(isFinished(settled, 'witness-a')).toBe(true);
  });

  it('forgets a bundle that it was not drawn for, but not while it owes an attestation', () => {
    const active = apply(stateAfterRequest(held), recorded()).next;
    expect([isFinished(active, 'witness-a'), isFinished(active, 'witness-c')]).toEqual([false, true]);
    expect(isFinished(stateAfterRequest(), 'witness-c')).toBe(false);
    expect(isFinished({ ...active, unattested: [1] }, 'witness-c')).toBe(false);
  });

  it('is not settled by the attestation of somebody else', () => {
    const over = apply(apply(stateAfterRequest(held), recorded()).next, ended(5, endRecord())).next;
    const attestation = {
      nodeId: 'witness-b',
      destructions: [{ bundleId: BUNDLE_ID, epoch: 1, streams: 'all' as const }],
      signature: '',
      txId: txId(7),
      atUnixMs: 1,
    };
    const step = apply(over, at(7, { name: 'DestructionAttested', payload: { attestation } }));
    expect(attestable(step.next)).toBe('all');
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
    expect(expired.effects).toEqual([{ kind: 'destroy', bundleId: BUNDLE_ID, streams: 'all' }]);
    if (expired.next === undefined) throw new Error('the bundle is still there');
    expect(attestable(expired.next)).toEqual([]);
    expect(attestable(apply(expired.next, ended(5, endRecord({ reason: 'expired' }))).next)).toBe('all');
  });

  it('drops what was dealt under an earlier assignment: it can never be recorded', () => {
    const fresh = { ...held, dealingId: dealingId('n'), fence: 1 };
    const step = apply(
      stateAfterRequest(held, fresh),
      at(2, {
        name: EVENTS.orchestratorsReassigned,
        payload: { assignment: assignmentRecord({ fence: 1 }) },
      }),
    );
    expect(step.next.held).toEqual([fresh]);
    expect(step.effects).toEqual([{ kind: 'drop', bundleId: BUNDLE_ID, dealing: held }]);
  });

  it('does not count what another dealer has given up', () => {
    const others = { ...held, dealer: 'another', dealingId: dealingId('o') };
    const decision = deliver(stateAfterRequest(others), {
      delivery: { ...delivery, abandoned: [abandonment('o')] },
    })();
    expect(decision).toMatchObject({ kind: 'open', abandoned: [] });
  });

  it('keeps what a dealer signed as given up until another dealing is recorded or can be', () => {
    const state = { ...stateAfterRequest(), abandoned: [kept('x')] };
    const other = apply(state, recorded());
    expect(other.next.abandoned).toEqual([]);
    expect(other.effects).toEqual([]);
    const reassigned = at(2, {
      name: EVENTS.orchestratorsReassigned,
      payload: { assignment: assignmentRecord({ fence: 1 }) },
    });
    expect(apply(state, reassigned).next.abandoned).toEqual([]);
    expect(apply(state, ended(5, endRecord({ index: 1 }))).next.abandoned).toEqual([kept('x')]);
  });

  it('accuses a dealer that has recorded what it signed as given up, and only that dealer', () => {
    const strange = { ...kept('d'), dealer: 'another' };
    const state = { ...stateAfterRequest(), abandoned: [kept('x'), kept('d'), strange] };
    const step = apply(state, recorded());
    expect(step.next.abandoned).toEqual([kept('d')]);
    expect(step.effects).toEqual([{ kind: 'accuse', bundleId: BUNDLE_ID, abandonment: kept('d') }]);
    expect(accusationsOf(step.next)).toEqual(step.effects);
    expect(accusationsOf(state)).toEqual([]);
  });

  it('gives up a dealing that never reached the ledger', () => {
    const state = stateAfterRequest(held);
    expect(dropUnrecorded(state, held.storedAtUnixMs + 1_000, 1_000).next).toBe(state);
    const step = dropUnrecorded(state, held.storedAtUnixMs + 1_001, 1_000);
    expect(step.effects).toEqual([{ kind: 'drop', bundleId: BUNDLE_ID, dealing: held }]);
    expect(step.next?.held).toEqual([]);
  });
});

describe('whether a witness takes an envelope', () => {
  it('opens what fits ledger and dealing', () => {
    expect(deliver(stateAfterRequest())()).toMatchObject({
      kind: 'open',
      statement: { dealer: 'dealer', fence: 0 },
    });
  });

  it('acknowledges the same envelope again, and alarms at another for the same dealing', () => {
    expect(deliver(stateAfterRequest(held))()).toEqual({ kind: 'held', dealing: held });
    const swapped = {
      ...delivery,
      dealing: { ...delivery.dealing, envelopes: [hash('i'), hash('j'), hash('x'), hash('l')] },
    };
    expect(
      codedError(deliver(stateAfterRequest(held), { delivery: swapped, envelopeHash: hash('x') })).code,
    ).toBe('ENVELOPE_CONFLICT');
  });

  it('refuses what the ledger does not know, has ended, has given to others or has fenced', () => {
    expect(codedError(deliver(undefined)).code).toBe('NOT_FOUND');
    const over = apply(stateAfterRequest(), ended(5, endRecord())).next;
    expect(codedError(deliver(over)).code).toBe('STREAM_ENDED');
    expect(codedError(deliver(stateAfterRequest(), { sender: 'stranger' })).code).toBe('FORBIDDEN');
    const reassigned = at(3, {
      name: 'OrchestratorsReassigned',
      payload: { assignment: assignmentRecord({ fence: 1 }) },
    });
    expect(codedError(deliver(apply(stateAfterRequest(), reassigned).next)).code).toBe('FENCED');
  });

  it.each([
    ['another envelope than the dealing names', { envelopeHash: hash('z') }],
    ['an envelope for another holder', { nodeId: 'witness-c' }],
    [
      'other parties',
      { delivery: { ...delivery, holders: ['initiator', 'mallory', 'witness-a', 'witness-b'] } },
    ],
    [
      'a holder list of another length',
      { delivery: { ...delivery, holders: ['initiator', 'provider', 'witness-a'] } },
    ],
    ['another epoch', { delivery: { ...delivery, epoch: 2 } }],
  ])('refuses %s', (_, change) => {
    expect(codedError(deliver(stateAfterRequest(), change)).code).toBe('ENVELOPE_MISMATCH');
  });

  it('bounds what one dealer may leave waiting, and takes only the recorded dealing afterwards', () => {
    const waiting = ['a', 'b', 'c', 'e'].map((fill) => ({ ...held, dealingId: dealingId(fill) }));
    expect(codedError(deliver(stateAfterRequest(...waiting))).code).toBe('RATE_LIMITED');
    const abandoned = [abandonment('b'), abandonment('x')];
    expect(deliver(stateAfterRequest(...waiting), { delivery: { ...delivery, abandoned } })()).toMatchObject({
      kind: 'open',
      abandoned: [waiting[1]],
    });
    const [recordedDealing] = dealingsRecord().dealings;
    if (recordedDealing === undefined) throw new Error('the record has a dealing');
    const elsewhere = dealingsRecord({ dealings: [{ ...recordedDealing, dealingId: dealingId('z') }] });
    expect(codedError(deliver(apply(stateAfterRequest(), recorded(2, elsewhere)).next)).code).toBe(
      'ENVELOPE_MISMATCH',
    );
    expect(deliver(apply(stateAfterRequest(), recorded()).next)()).toMatchObject({ kind: 'open' });
  });

  it('asks for the word of a dealer on each dealing given up that it has no word of', () => {
    const state = { ...stateAfterRequest(), abandoned: [kept('x'), { ...kept('y'), dealer: 'another' }] };
    const abandoned = [abandonment('x'), abandonment('y'), abandonment('z'), abandonment('z')];
    expect(deliver(state, { delivery: { ...delivery, abandoned } })()).toMatchObject({
      abandonments: [abandonment('y'), abandonment('z')],
    });
  });

  it('takes nothing that its dealer has given up, before it is recorded', () => {
    const state = { ...stateAfterRequest(), abandoned: [kept('d')] };
    expect(codedError(deliver(state)).code).toBe('BAD_STATE');
    const named = { ...delivery, abandoned: [abandonment('d')] };
    expect(codedError(deliver(stateAfterRequest(), { delivery: named })).code).toBe('BAD_STATE');
    expect(
      deliver({ ...stateAfterRequest(), abandoned: [{ ...kept('d'), dealer: 'another' }] })(),
    ).toMatchObject({
      kind: 'open',
    });
    // Its shares are better had than not, whatever its dealer signed.
    expect(deliver(apply(state, recorded()).next)()).toMatchObject({ kind: 'open' });
  });

  it('bounds what one dealer may give up under one assignment', () => {
    const many = Array.from({ length: 63 }, (_, place) => ({ ...kept('x'), dealingId: `${place}` }));
    const state = { ...stateAfterRequest(), abandoned: [...many, { ...kept('w'), dealer: 'another' }] };
    const one = { ...delivery, abandoned: [abandonment('y')] };
    const two = { ...delivery, abandoned: [abandonment('y'), abandonment('z')] };
    expect(deliver(state, { delivery: one })()).toMatchObject({ kind: 'open' });
    expect(codedError(deliver(state, { delivery: two })).code).toBe('RATE_LIMITED');
  });

  it('destroys nothing of what is recorded', () => {
    const state = apply(stateAfterRequest({ ...held, dealingId: dealingId('d') }), recorded()).next;
    const again = { ...state, held: [] };
    const named = { ...delivery, abandoned: [abandonment('d'), abandonment('e')] };
    expect(deliver(again, { delivery: named })()).toMatchObject({ abandoned: [], abandonments: [] });
  });
});
