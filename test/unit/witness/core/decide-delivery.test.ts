import { codedError } from '../../../support/coded-error';
import {
  assignmentRecord,
  dealingId,
  dealingsRecord,
  endRecord,
  ended,
  hash,
  recorded,
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
    const fenced = apply(stateAfterRequest(), reassigned(3, assignmentRecord({ fence: 1 }))).next;
    expect(codedError(deliver(fenced)).code).toBe('FENCED');
  });

  it('asks a dealer to come again whose assignment it has not seen yet', () => {
    const ahead = { ...delivery, fence: 1 };
    expect(codedError(deliver(stateAfterRequest(), { delivery: ahead, sender: 'newly assigned' })).code).toBe(
      'NOT_FOUND',
    );
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

  it('asks for the word of a dealer on each dealing abandoned that it has no word of', () => {
    const state = { ...stateAfterRequest(), abandoned: [kept('x'), { ...kept('y'), dealer: 'another' }] };
    const abandoned = [abandonment('x'), abandonment('y'), abandonment('z'), abandonment('z')];
    expect(deliver(state, { delivery: { ...delivery, abandoned } })()).toMatchObject({
      abandonments: [abandonment('y'), abandonment('z')],
    });
  });

  it('takes nothing that its dealer has abandoned, before it is recorded', () => {
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

  it('bounds what one dealer may abandon under one assignment', () => {
    const many = Array.from({ length: 255 }, (_, place) => ({ ...kept('x'), dealingId: `${place}` }));
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
