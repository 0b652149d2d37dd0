import type { EnvelopeDelivery } from '@eko/protocol/rest';
import { applyLedgerEvent } from '../../../network/witness/src/core/apply-ledger-event';
import { decideDelivery } from '../../../network/witness/src/core/decide-delivery';
import type {
  HeldDealing,
  KeptAbandonment,
  WitnessState,
} from '../../../network/witness/src/core/witness-state';
import { BUNDLE_ID, dealingId, hash, requested } from '../data/ledger-facts';

const view = { nodeId: 'witness-a', monotonicMs: 10 };

/** What a witness knows after the request, with these dealings taken. */
export function stateAfterRequest(...dealings: readonly HeldDealing[]): WitnessState {
  const { next } = applyLedgerEvent(undefined, requested(), BUNDLE_ID, view);
  if (next === undefined) throw new Error('a request makes a bundle');
  return { ...next, held: dealings };
}

/** One event applied to a bundle that stays. */
export function apply(
  state: WitnessState,
  event: Parameters<typeof applyLedgerEvent>[1],
): ReturnType<typeof applyLedgerEvent> & { next: WitnessState } {
  const step = applyLedgerEvent(state, event, BUNDLE_ID, view);
  if (step.next === undefined) throw new Error('the bundle is still there');
  return { ...step, next: step.next };
}

/** The delivery of the dealing in `dealingsRecord` to witness-a. */
export const delivery: EnvelopeDelivery = {
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
  envelope: new Uint8Array(3),
  sheet: new Uint8Array(3),
};

const SIGNATURE = `${'s'.repeat(85)}A`;
/** The word of a dealer that it abandoned a dealing, as it comes. */
export const abandonment = (fill: string) => ({ dealingId: dealingId(fill), signature: SIGNATURE });
/** The same, as the witness keeps it. */
export const kept = (fill: string): KeptAbandonment => ({
  ...abandonment(fill),
  dealer: 'dealer',
  signKey: hash('s'),
});

/** What witness-a decides about a delivery. */
export const deliver =
  (state: WitnessState | undefined, change: Partial<Parameters<typeof decideDelivery>[0]> = {}) =>
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
