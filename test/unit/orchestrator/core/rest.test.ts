import { expireBundle } from '../../../../network/orchestrator/src/core/expire-bundle';
import { leadStep } from '../../../../network/orchestrator/src/core/lead-step';
import {
  restsUntilUnixMs,
  type OrchestratorState,
} from '../../../../network/orchestrator/src/core/orchestrator-state';
import { dealingsRecord } from '../../../support/data/ledger-facts';
import { acceptedBundle } from '../../../support/simulated/dealer-harness';

const TIMES = { leadSilenceMs: 3_000, attemptMs: 8_000, retryMs: 300, setupMs: 60_000 };
const { bundle } = acceptedBundle();

/** Every form that the book of an orchestrator has a bundle in. */
const states: OrchestratorState[] = [undefined, dealingsRecord()].flatMap((record) =>
  ([[], [0], 'all'] as const).flatMap((ended) =>
    [true, false].flatMap((owesAttestation) =>
      [[], ['an ID']].map((outbox) =>
        acceptedBundle({ ended, owesAttestation, outbox, ...(record === undefined ? {} : { record }) }),
      ),
    ),
  ),
);

/** Whether a tick at that time does anything. */
function changesAt(state: OrchestratorState, unixMs: number): boolean {
  const moment = { nodeId: 'orchestrator-a', monotonicMs: 100_000, unixMs };
  const steps = [
    expireBundle(state, moment),
    leadStep(state, { kind: 'tick', hasRoom: true }, moment, TIMES),
  ];
  return steps.some(({ next, effects }) => next !== state || effects.length > 0);
}

describe('a bundle that rests at an orchestrator', () => {
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
    const living = acceptedBundle({ record: dealingsRecord(), outbox: ['an ID'] });
    expect(changesAt(living, restsUntilUnixMs(living))).toBe(true);
  });
});
