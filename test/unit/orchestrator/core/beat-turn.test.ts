import { beatDueAtMs, type Beater } from '../../../../network/orchestrator/src/core/beat-turn';

const INTERVAL_MS = 1_500;
const TICK_MS = 100;
/** The bound of witnesses by default. */
const VIEW_BOUND_MS = 6_000;

interface Channel {
  /** Nodes by organisation. */
  readonly organisations: Readonly<Record<string, number>>;
  /** Organisations whose nodes never beat, or at every tick. */
  readonly silent?: readonly string[];
  readonly spamming?: readonly string[];
  /** From beat to event. */
  readonly latencyMs: number;
}

/** Minutes of beats: how long at most each organisation saw none from outside, and how many there were. */
function watch({ organisations, silent = [], spamming = [], latencyMs }: Channel, lastMs = 120_000) {
  const beaters: Beater[] = Object.entries(organisations).flatMap(([mspId, nodes]) =>
    Array.from({ length: nodes }, (_, n) => ({ nodeId: `${mspId}-${n}`, mspId })),
  );
  const seen = new Map<string, number>();
  const notBefore = new Map<string, number>();
  let underWay: { readonly mspId: string; readonly atMs: number }[] = [];
  const longest = new Map<string, number>();
  let count = 0;
  const newestOutside = (mspId: string | undefined) =>
    [...seen]
      .filter(([other]) => other !== mspId)
      .map(([other, seenAtMonotonicMs]) => ({ mspId: other, seenAtMonotonicMs }))
      .sort((a, b) => b.seenAtMonotonicMs - a.seenAtMonotonicMs)[0];
  for (let nowMs = 0; nowMs <= lastMs; nowMs += TICK_MS) {
    for (const { mspId, atMs } of underWay) if (atMs <= nowMs) seen.set(mspId, nowMs);
    underWay = underWay.filter(({ atMs }) => atMs > nowMs);
    for (const { nodeId, mspId } of beaters) {
      if (silent.includes(mspId)) continue;
      const newest = newestOutside(undefined);
      const outside = newestOutside(newest?.mspId ?? '');
      const dueAtMs = beatDueAtMs({
        nodeId,
        beaters,
        newest,
        outside,
        sinceMs: 0,
        intervalMs: INTERVAL_MS,
      });
      const isDue = nowMs >= dueAtMs && nowMs >= (notBefore.get(nodeId) ?? 0);
      if (!isDue && !spamming.includes(mspId)) continue;
      notBefore.set(nodeId, nowMs + latencyMs + INTERVAL_MS);
      underWay.push({ mspId, atMs: nowMs + latencyMs });
      if (!spamming.includes(mspId)) count += 1;
    }
    for (const mspId of Object.keys(organisations)) {
      const sinceMs = nowMs - (newestOutside(mspId)?.seenAtMonotonicMs ?? 0);
      longest.set(mspId, Math.max(longest.get(mspId) ?? 0, sinceMs));
    }
  }
  return { longest, perSecond: (count * 1_000) / lastMs };
}

describe('the heartbeat that orchestrators share', () => {
  it.each<[string, Channel]>([
    ['two organisations', { organisations: { A: 1, B: 1 }, latencyMs: 500 }],
    ['a slow ledger', { organisations: { A: 1, B: 1 }, latencyMs: 2_000 }],
    [
      'three organisations, one of them down',
      { organisations: { A: 1, B: 1, C: 1 }, silent: ['A'], latencyMs: 1_000 },
    ],
    [
      'five organisations, one with 64 nodes that stay silent',
      { organisations: { A: 64, B: 1, C: 1, D: 1, E: 1 }, silent: ['A'], latencyMs: 1_000 },
    ],
    [
      'two organisations, one of which never stops',
      { organisations: { A: 3, B: 1 }, spamming: ['A'], latencyMs: 500 },
    ],
    [
      'three organisations, one of which never stops',
      { organisations: { A: 3, B: 2, C: 2 }, spamming: ['C'], latencyMs: 500 },
    ],
  ])('comes from outside every organisation within a witness’s bound: %s', (_, world) => {
    const { longest, perSecond } = watch(world);
    const live = Object.keys(world.organisations).filter((mspId) => !(world.silent ?? []).includes(mspId));
    // A party of the one organisation that beats is told by others, or by its witnesses themselves.
    for (const mspId of live) expect([mspId, longest.get(mspId)! <= VIEW_BOUND_MS]).toEqual([mspId, true]);
    // One for each interval, but for the few that cross on a slow ledger.
    expect(perSecond).toBeLessThan(2.1 / (INTERVAL_MS / 1_000));
  });

  it('comes once for each interval, and from one organisation after the other', () => {
    const { perSecond } = watch({ organisations: { A: 4, B: 4, C: 4 }, latencyMs: 100 });
    expect(perSecond).toBeLessThan(1_000 / INTERVAL_MS);
    const beaters = ['A', 'B', 'C'].flatMap((mspId) =>
      [0, 1].map((n) => ({ nodeId: `${mspId}-${n}`, mspId })),
    );
    const due = (nodeId: string) =>
      beatDueAtMs({
        nodeId,
        beaters,
        newest: { mspId: 'B', seenAtMonotonicMs: 0 },
        outside: undefined,
        sinceMs: 0,
        intervalMs: INTERVAL_MS,
      });
    const inTurn = [...beaters].map(({ nodeId }) => nodeId).sort((a, b) => due(a) - due(b));
    expect(inTurn).toEqual(['C-0', 'A-0', 'C-1', 'A-1', 'B-0', 'B-1']);
  });

  it('is given by the one organisation there is', () => {
    const { longest, perSecond } = watch({ organisations: { A: 2 }, latencyMs: 100 });
    expect(perSecond).toBeGreaterThan(0.5);
    expect(longest.get('A')).toBe(120_000);
  });
});
