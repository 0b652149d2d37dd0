import {
  dropUnrecorded,
  expireBundle,
  lapseBundle,
} from '../../../../network/witness/src/core/apply-ledger-event';
import {
  isDestructionDue,
  restsUntilUnixMs,
  type WitnessState,
} from '../../../../network/witness/src/core/witness-state';
import { dealingsRecord } from '../../../support/data/ledger-facts';
import { stateAfterRequest } from '../../../support/simulated/witness-states';
import { heldDealing } from './held-dealing';

const { bundle } = stateAfterRequest();

/** Every form that the book of a witness has a bundle in. */
const states: WitnessState[] = [undefined, dealingsRecord()].flatMap((record) =>
  ([[], [0], 'all'] as const).flatMap((ended) =>
    [[], [heldDealing]].flatMap((held) =>
      [[], [heldDealing]].map((toDestroy) => ({
        ...stateAfterRequest(...held),
        ended,
        toDestroy,
        ...(record === undefined ? {} : { record }),
      })),
    ),
  ),
);

/** Whether a tick at that time does anything. */
function changesAt(state: WitnessState, unixMs: number): boolean {
  const steps = [
    lapseBundle(state, unixMs),
    expireBundle(state, unixMs),
    dropUnrecorded(state, unixMs, 60_000),
  ];
  return isDestructionDue(state) || steps.some(({ next, effects }) => next !== state || effects.length > 0);
}

describe('a bundle that rests at a witness', () => {
  it('is one that no tick changes before its rest is over', () => {
    const times = [0, 1_000_000, 1_100_000, bundle.notAfterUnixMs - 1, bundle.notAfterUnixMs + 10_000_000];
    for (const state of states)
      for (const unixMs of times)
        if (unixMs < restsUntilUnixMs(state))
          expect([state, changesAt(state, unixMs)]).toEqual([state, false]);
    const rests = states.map(restsUntilUnixMs);
    expect([...new Set(rests)].sort((a, b) => a - b)).toEqual([0, bundle.notAfterUnixMs, Infinity]);
  });

  it('is over with its rest when its time is', () => {
    const living = { ...stateAfterRequest(heldDealing), record: dealingsRecord() };
    expect(changesAt(living, restsUntilUnixMs(living))).toBe(true);
  });
});
