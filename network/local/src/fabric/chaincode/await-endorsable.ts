import { EkoError } from '@eko/protocol';
import { loadFabricProfile, pause } from '@eko/sdk/node';
import { MEMBER, userProfile } from '../identity/fabric-users';
import type { NetworkContext } from '../network-context';
import type { PlannedPeer } from '../plan/topology';
import { requireAlive } from '../../processes/await-ready';
import type { StartedProcess } from '../../processes/start-process';
import { tryTransaction } from './try-transaction';

/** Peers tell each other of their chaincode once a second; the chaincode's process takes its time to load. */
const DEADLINE_MS = 60_000;
const POLL_MS = 200;

/**
 * Waits until every peer, as a gateway, has a transaction endorsed on every channel as its policy asks for: peers, their
 * chaincode and what they know of each other all work then. The transaction reads only and is never submitted.
 *
 * @throws EkoError `DEADLINE_EXCEEDED` with what the peer said last, `INTERNAL` where a chaincode process ended,
 *   `CANCELLED`
 */
export async function awaitEndorsable(
  context: NetworkContext,
  started: readonly StartedProcess[],
): Promise<void> {
  const { plan, topology } = context;
  const until = performance.now() + DEADLINE_MS;
  await Promise.all(
    topology.peers.map(async (peer) => {
      for (const channel of plan.channels) await awaitOne(context, peer, channel, started, until);
    }),
  );
}

async function awaitOne(
  { layout, plan, signal }: NetworkContext,
  peer: PlannedPeer,
  channel: string,
  started: readonly StartedProcess[],
  until: number,
): Promise<void> {
  const profile = await loadFabricProfile(userProfile(layout, plan, peer, { name: MEMBER, channel }));
  let said = 'it was not asked';
  while (performance.now() < until) {
    if (signal.aborted) throw new EkoError('CANCELLED', `Waiting for ${peer.name} was cancelled`);
    started.forEach(requireAlive);
    const failure = await tryTransaction(profile, 'endorse');
    if (failure === undefined) return;
    said = failure;
    await pause(POLL_MS, signal);
  }
  throw new EkoError(
    'DEADLINE_EXCEEDED',
    `${peer.name} cannot have a transaction of ${plan.chaincode} endorsed on ${channel}: ${said}`,
    { details: { peer: peer.name, channel } },
  );
}
