import { askOperations } from '../processes/ask-operations';
import { askControl } from './control-client';
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
  readonly state: 'ready' | 'not ready' | 'stopped';
}

/** A network and its processes. */
export interface NetworkStatus {
  readonly directory: string;
  readonly isRunning: boolean;
  readonly processes: readonly ProcessStatus[];
}

const ASK_DEADLINE_MS = 5_000;

/**
 * Asks a network's starter what runs, and each node whether it is ready.
 *
 * @throws EkoError `NOT_FOUND` where there is no network
 */
export async function readStatus(layout: DevLayout): Promise<NetworkStatus> {
  const network = await requireNetworkFile(layout);
  const running = await askControl(layout, { act: 'status' }, ASK_DEADLINE_MS);
  const pids = new Map(running?.map(({ name, pid }) => [name, pid]));
  const withPid = (name: string): { pid?: number } => {
    const pid = pids.get(name);
    return pid === undefined ? {} : { pid };
  };
  const ledgerStatus = async (): Promise<Pick<ProcessStatus, 'pid' | 'state'>> => {
    if (network.fabric !== undefined) return { state: await fabricState(network.fabric.directory) };
    const { pid } = withPid(LEDGER_PROCESS);
    return pid === undefined ? { state: 'stopped' } : { pid, state: 'ready' };
  };
  const nodes = network.nodes.map(async ({ nodeId, role, mspId, operationsPort }): Promise<ProcessStatus> => {
    const pid = withPid(nodeId);
    const isReady = pid.pid !== undefined && (await askOperations(operationsPort, READY)).isWell;
    const state = pid.pid === undefined ? 'stopped' : isReady ? 'ready' : 'not ready';
    return { name: nodeId, role, mspId, ...pid, state };
  });
  return {
    directory: layout.directory,
    isRunning: running !== undefined,
    processes: [
      { name: LEDGER_PROCESS, role: 'ledger', mspId: '-', ...(await ledgerStatus()) },
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
