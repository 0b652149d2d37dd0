import { EkoError } from '@eko/protocol';
import { pause } from '@eko/sdk/node';
import type { DevNetwork } from '../dev/dev-network';

const GAUGE = /^eko_witness_shares_held (\d+)$/m;
const ANSWER_MS = 2_000;
const POLL_MS = 25;
const DEADLINE_MS = 15_000;

/** How many shares of all streams each witness holds, by its own count (`/metrics` of its operations port). */
export type SharesHeld = ReadonlyMap<string, number>;

/**
 * Asks every witness of the network once.
 *
 * @throws EkoError `PEER_UNAVAILABLE` for one that does not answer or does not count its shares
 */
export async function sharesHeld({ network }: DevNetwork): Promise<SharesHeld> {
  const witnesses = network.nodes.filter(({ role }) => role === 'witness');
  return new Map(
    await Promise.all(
      witnesses.map(
        async ({ nodeId, operationsPort }) => [nodeId, await sharesHeldAt(nodeId, operationsPort)] as const,
      ),
    ),
  );
}

/**
 * Asks until some witnesses hold so many shares more than `before`: the last of them may get theirs when the stream is
 * active already.
 *
 * @throws EkoError `DEADLINE_EXCEEDED`, or as `sharesHeld`
 */
export async function untilSharesHeld(
  network: DevNetwork,
  before: SharesHeld,
  witnesses: readonly string[],
  more: number,
): Promise<SharesHeld> {
  const until = performance.now() + DEADLINE_MS;
  while (performance.now() < until) {
    const now = await sharesHeld(network);
    if (witnesses.every((witness) => (now.get(witness) ?? 0) >= (before.get(witness) ?? 0) + more))
      return now;
    await pause(POLL_MS);
  }
  throw new EkoError(
    'DEADLINE_EXCEEDED',
    `Not all of ${witnesses.join(', ')} got their shares: see their logs`,
  );
}

async function sharesHeldAt(nodeId: string, operationsPort: number): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${operationsPort}/metrics`, {
    signal: AbortSignal.timeout(ANSWER_MS),
  }).catch((error: unknown) => {
    throw noCount(nodeId, error);
  });
  const count = GAUGE.exec(await answer.text())?.[1];
  if (count === undefined) throw noCount(nodeId);
  return Number(count);
}

const noCount = (nodeId: string, cause?: unknown): EkoError =>
  new EkoError('PEER_UNAVAILABLE', `${nodeId} does not say how many shares it holds: see its log`, {
    details: { nodeId },
    cause,
  });
