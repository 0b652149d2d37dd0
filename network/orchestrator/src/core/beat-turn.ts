/** An orchestrator that gives heartbeats. */
export interface Beater {
  readonly nodeId: string;
  readonly mspId: string;
}

/** A heartbeat as it was seen. */
export interface BeatSeen {
  readonly mspId: string;
  /** On the monotonic clock. */
  readonly seenAtMonotonicMs: number;
}

/** Between the turns of two orchestrators, should the first not take its own. */
const TURN_MS = 500;

/**
 * When an orchestrator gives the next heartbeat that all share, unless another one comes before.
 *
 * Organisations take turns, for a heartbeat counts for no party of its own organisation; and of one organisation after the
 * other one node, so that no number of nodes that stay silent holds up the rest. However many heartbeats one organisation
 * gives, the next that is not its own comes after two intervals.
 *
 * @param beaters - all that are active, this node among them
 * @param newest - the newest heartbeat of all; `outside` the newest of another organisation than that one's
 * @param sinceMs - since when this node has watched, on the monotonic clock
 * @returns on the monotonic clock
 * @see docs/protocol.md, "4. Release"
 */
export function beatDueAtMs(input: {
  readonly nodeId: string;
  readonly beaters: readonly Beater[];
  readonly newest: BeatSeen | undefined;
  readonly outside: BeatSeen | undefined;
  readonly sinceMs: number;
  readonly intervalMs: number;
}): number {
  const { nodeId, beaters, newest, outside, sinceMs, intervalMs } = input;
  const turns = turnsAfter(beaters, newest?.mspId);
  const place = Math.max(
    turns.findIndex((beater) => beater.nodeId === nodeId),
    0,
  );
  const isOutside = turns[place]?.mspId !== newest?.mspId;
  const afterNewest = (newest?.seenAtMonotonicMs ?? sinceMs - intervalMs) + intervalMs;
  const afterOutside = (outside?.seenAtMonotonicMs ?? sinceMs) + 2 * intervalMs;
  return (isOutside ? Math.min(afterNewest, afterOutside) : afterNewest) + place * TURN_MS;
}

/** The first node of each organisation, beginning after the one that beat last, which comes last; then the second nodes. */
function turnsAfter(beaters: readonly Beater[], last: string | undefined): readonly Beater[] {
  const byMsp = new Map<string, Beater[]>();
  for (const beater of [...beaters].sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1)))
    byMsp.set(beater.mspId, [...(byMsp.get(beater.mspId) ?? []), beater]);
  const msps = [...byMsp.keys()].sort();
  const from = last === undefined ? 0 : msps.filter((mspId) => mspId <= last).length;
  const rotated = [...msps.slice(from), ...msps.slice(0, from)].filter((mspId) => mspId !== last);
  const rounds = Math.max(0, ...[...byMsp.values()].map((nodes) => nodes.length));
  const inTurn = (order: readonly string[]): Beater[] =>
    Array.from({ length: rounds }, (_, round) =>
      order.flatMap((mspId) => byMsp.get(mspId)?.[round] ?? []),
    ).flat();
  return [...inTurn(rotated), ...inTurn(last === undefined ? [] : [last])];
}
