import type { HedgeDelay } from '../../../../client-sdk/sdk/src/collection/hedge-delay';
import { ReleasePlan } from '../../../../client-sdk/sdk/src/collection/release-plan';

/** What a release cost. */
export interface SimulatedRelease {
  readonly tookMs: number;
  readonly calls: number;
}

/** Releases of one stream's shares, in the plan's own time: each call is answered as late as `latencyMs` says. */
export interface ReleaseTrial {
  readonly witnesses: readonly string[];
  readonly quorum: number;
  readonly hedgeMs: number;
  readonly hedging: HedgeDelay;
  /** Infinite for a call that is never answered. */
  readonly latencyMs: (witness: string) => number;
}

/** Runs some releases that begin at the same moment and share what is known of usual answers. */
export function simulateReleases(trial: ReleaseTrial, count: number): readonly SimulatedRelease[] {
  const { witnesses, quorum, hedgeMs, hedging, latencyMs } = trial;
  const runs = Array.from({ length: count }, () => ({
    plan: new ReleasePlan({
      streams: [0],
      witnesses,
      dealers: ['dealer'],
      quorum,
      bounds: { hedgeMs, retryFirstMs: 1_000, retryMostMs: 1_000 },
      hedging,
    }),
    calls: [] as { witness: string; askedMs: number; dueMs: number }[],
    made: 0,
    tookMs: 0,
  }));
  for (let nowMs = 0, open = runs; open.length > 0;) {
    for (const run of open) {
      for (const call of run.calls.filter(({ dueMs }) => dueMs <= nowMs)) {
        run.calls.splice(run.calls.indexOf(call), 1);
        hedging.answered(nowMs - call.askedMs);
        run.plan.answered(call.witness, [{ dealer: 'dealer', streamIndex: 0 }], nowMs);
        run.tookMs = nowMs;
        // The others are cut off, and nobody learns how long they would have taken.
        if (run.plan.unfinished.length === 0) break;
      }
      for (const { witness } of run.plan.next(nowMs)) {
        run.calls.push({ witness, askedMs: nowMs, dueMs: nowMs + latencyMs(witness) });
        run.made += 1;
      }
    }
    open = open.filter(({ plan }) => plan.unfinished.length > 0);
    const times = open.flatMap(({ plan, calls }) => [
      ...calls.map(({ dueMs }) => dueMs),
      plan.wakeAtMs(nowMs) ?? Number.POSITIVE_INFINITY,
    ]);
    nowMs = Math.min(...times);
    if (nowMs === Number.POSITIVE_INFINITY && open.length > 0) throw new RangeError('nobody answers');
  }
  return runs.map(({ made, tookMs }) => ({ calls: made, tookMs }));
}
