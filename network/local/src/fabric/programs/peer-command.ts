import { FABRIC_HOST, type PlannedOrderer, type PlannedPeer } from '../plan/topology';
import { ordererFiles, userMsp } from '../configuration/crypto-paths';
import type { NetworkContext } from '../network-context';
import { runProgram, type ProgramOutput } from '../../processes/run-program';

const DEADLINE_MS = 60_000;

/** The variables with which the `peer` command speaks to a peer as its organisation's administrator. */
export function administratorEnvironment(
  { layout }: Pick<NetworkContext, 'layout'>,
  peer: PlannedPeer,
): Readonly<Record<string, string>> {
  return {
    FABRIC_CFG_PATH: layout.configuration(peer.name),
    CORE_PEER_LOCALMSPID: peer.mspId,
    CORE_PEER_MSPCONFIGPATH: userMsp(layout.crypto, peer.domain, 'Admin'),
    CORE_PEER_ADDRESS: `${FABRIC_HOST}:${peer.port}`,
  };
}

/**
 * Runs the `peer` command as the administrator of a peer's organisation.
 *
 * @throws EkoError as `runProgram`
 */
export async function runPeer(
  context: NetworkContext,
  peer: PlannedPeer,
  args: readonly string[],
): Promise<ProgramOutput> {
  const { layout, programs, signal } = context;
  return runProgram({
    program: programs.paths.peer,
    args,
    env: { ...administratorEnvironment(context, peer), FABRIC_LOGGING_SPEC: 'error' },
    deadlineMs: DEADLINE_MS,
    signal,
    shownAs: taskName(layout.directory, `peer.${peer.name}`),
  });
}

/** The options with which the `peer` command reaches an orderer. */
export function ordererOptions(context: NetworkContext, { port, host }: PlannedOrderer): readonly string[] {
  const { root } = ordererFiles(context.layout.crypto, host).tls;
  return ['--orderer', `${FABRIC_HOST}:${port}`, '--tls', '--cafile', root];
}

/** How a program that ends by itself is shown: were its starter killed, the network's next command would find it. */
export const taskName = (directory: string, what: string): string => `${directory}/task.${what}`;
