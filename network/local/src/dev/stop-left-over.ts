import { EkoError, isEkoError } from '@eko/protocol';
import { realDirectory } from '../processes/real-directory';
import { stopProcesses } from '../processes/stop-processes';
import type { DevLayout } from './dev-layout';
import { readNetworkFile } from './network-file';
import { DEV_NODES } from './network-plan';
import { LEDGER_PROCESS } from './start-ledger';

/**
 * Stops what a starter that was killed has left: it ends by itself, but may write to the directory and keep its ports
 * until then. Only for who has the network's lock: then nobody starts anything.
 *
 * @returns what was stopped; nothing else that was started in the directory is
 * @throws EkoError as `stopProcesses`
 */
export async function stopLeftOver(layout: DevLayout): Promise<readonly string[]> {
  const labels = new Set(await namesOf(layout));
  return stopProcesses(await realDirectory(layout.directory), ({ label }) => labels.has(label));
}

async function namesOf(layout: DevLayout): Promise<readonly string[]> {
  try {
    const network = await readNetworkFile(layout);
    return network === undefined ? [] : [LEDGER_PROCESS, ...network.nodes.map(({ nodeId }) => nodeId)];
  } catch (error) {
    if (!isEkoError(error, 'CORRUPT_RECORD')) throw error;
    return [LEDGER_PROCESS, ...DEV_NODES.map(({ nodeId }) => nodeId)];
  }
}

/**
 * Refuses a directory whose network is a native Fabric one.
 *
 * @throws EkoError `INVALID_ARGUMENT`
 */
export async function refuseFabricDirectory(layout: DevLayout): Promise<void> {
  const { directory } = layout;
  const isForeign = await readNetworkFile(layout).then(
    () => false,
    (error: unknown) => isEkoError(error, 'CORRUPT_RECORD'),
  );
  // Only where it is, Fabric's code is worth loading.
  if (!isForeign) return;
  const [{ readPlan }, { FabricLayout }] = await Promise.all([
    import('../fabric/plan/fabric-plan.js'),
    import('../fabric/plan/fabric-layout.js'),
  ]);
  const plan = await readPlan(new FabricLayout(directory)).catch(() => undefined);
  if (plan === undefined) return;
  throw new EkoError('INVALID_ARGUMENT', `The network in ${directory} is a Fabric network`, {
    details: {
      directory,
      next: 'name another directory; eko fabric down and eko fabric reset are for that one',
    },
  });
}
