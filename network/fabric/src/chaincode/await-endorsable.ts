import { Client, credentials } from '@grpc/grpc-js';
import { connect, hash } from '@hyperledger/fabric-gateway';
import { EkoError } from '@eko/protocol';
import { newNativeSigner, pause, type FabricProfile } from '@eko/sdk';
import { loadProfile, userProfile } from '../identity/fabric-users';
import type { NetworkContext } from '../network-context';
import type { PlannedPeer } from '../plan/topology';
import { requireAlive } from '../processes/await-health';
import type { StartedProcess } from '../processes/start-process';

/** Every contract has it, and it writes nothing. */
const METADATA = 'org.hyperledger.fabric:GetMetadata';
/** Peers tell each other of their chaincode once a second; the chaincode's process takes its time to load. */
const DEADLINE_MS = 60_000;
const ATTEMPT_MS = 10_000;
const POLL_MS = 200;
/** The user that cryptogen made in each organisation. */
const USER = 'User1';

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
  const profile = await loadProfile(userProfile(layout, plan, peer, { name: USER, channel }));
  let said: string | undefined = 'nothing';
  while (performance.now() < until) {
    if (signal.aborted) throw new EkoError('CANCELLED', `Waiting for ${peer.name} was cancelled`);
    started.forEach(requireAlive);
    said = await tryEndorse(profile);
    if (said === undefined) return;
    await pause(POLL_MS, signal);
  }
  throw new EkoError(
    'DEADLINE_EXCEEDED',
    `${peer.name} cannot have a transaction of ${plan.chaincode} endorsed on ${channel}: ${said ?? ''}`,
    { details: { peer: peer.name, channel } },
  );
}

/** One attempt; what went wrong, or `undefined`. */
export async function tryEndorse(profile: FabricProfile): Promise<string | undefined> {
  const { endpoint, hostAlias, tlsCaPem, mspId, certificatePem, privateKeyPem } = profile;
  const client = new Client(endpoint, credentials.createSsl(Buffer.from(tlsCaPem)), {
    ...(hostAlias === undefined ? {} : { 'grpc.ssl_target_name_override': hostAlias }),
  });
  const gateway = connect({
    client,
    identity: { mspId, credentials: Buffer.from(certificatePem) },
    signer: newNativeSigner(privateKeyPem),
    hash: hash.none,
  });
  try {
    const contract = gateway.getNetwork(profile.channel).getContract(profile.chaincode);
    await contract.newProposal(METADATA).endorse({ deadline: Date.now() + ATTEMPT_MS });
    return undefined;
  } catch (error) {
    return textOf(error);
  } finally {
    gateway.close();
    client.close();
  }
}

/** A gateway's error, and what the peers said that it asked. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return 'something that is no error was thrown';
  const details: unknown = 'details' in error ? error.details : undefined;
  const said = Array.isArray(details)
    ? details.map((each: unknown) =>
        typeof each === 'object' && each !== null && 'message' in each ? String(each.message) : '',
      )
    : [];
  return [error.message, ...said].join('; ').slice(0, 500);
}
