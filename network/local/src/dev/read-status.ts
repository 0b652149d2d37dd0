import { askOperations } from '../processes/ask-operations';
import { stateOf, type ProcessState } from '../processes/process-table';
import { askStatus } from './control-client';
import type { DevLayout } from './dev-layout';
import { requireNetworkFile } from './network-file';
import { READY } from './prepare-node';
import { LEDGER_PROCESS } from './start-ledger';

/** One process of a network. */
export interface ProcessStatus {
  readonly name: string;
  readonly role: string;
  readonly mspId: string;
  readonly pid?: number;
  readonly state: ProcessState;
}

/** A network and its processes. */
export interface NetworkStatus {
  readonly directory: string;
  readonly isRunning: boolean;
  readonly processes: readonly ProcessStatus[];
}

/**
 * Asks a network's starter what runs, and each node whether it is ready.
 *
 * @throws EkoError `NOT_FOUND` where there is no network
 */
export async function readStatus(layout: DevLayout): Promise<NetworkStatus> {
  const network = await requireNetworkFile(layout);
  const running = await askStatus(layout);
  const pids = new Map(running?.map(({ name, pid }) => [name, pid]));
  // A process that is paused does not answer, and is not ready.
  const statusOf = async (
    name: string,
    isReady: () => Promise<boolean>,
  ): Promise<Pick<ProcessStatus, 'pid' | 'state'>> => {
    const pid = pids.get(name);
    const state = await stateOf(pid === undefined ? undefined : { isPaused: false }, isReady);
    return pid === undefined ? { state } : { pid, state };
  };
  const ledger =
    network.fabric === undefined
      ? await statusOf(LEDGER_PROCESS, () => Promise.resolve(true))
      : { state: await fabricState(network.fabric.directory) };
  const nodes = network.nodes.map(async ({ nodeId, role, mspId, operationsPort }): Promise<ProcessStatus> => {
    const isReady = async (): Promise<boolean> => (await askOperations(operationsPort, READY)).isWell;
    return { name: nodeId, role, mspId, ...(await statusOf(nodeId, isReady)) };
  });
  return {
    directory: layout.directory,
    isRunning: running !== undefined,
    processes: [
      { name: LEDGER_PROCESS, role: 'ledger', mspId: '-', ...ledger },
      ...(await Promise.all(nodes)),
    ],
  };
}

async function fabricState(directory: string): Promise<ProcessStatus['state']> {
  const { networkStatus } = await import('../fabric/network-status.js');
  const { isReady, processes } = await networkStatus(directory);
  if (isReady) return 'ready';
  return processes.every(({ state }) => state === 'stopped') ? 'stopped' : 'not ready';
}
