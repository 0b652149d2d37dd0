import { EkoError, isEkoError } from '@eko/protocol';
import { clearDirectory } from '../processes/clear-directory';
import { askStatus } from './control-client';
import type { DevLayout } from './dev-layout';
import { readNetworkFile } from './network-file';
import { refuseFabricDirectory, stopLeftOver } from './stop-left-over';

/**
 * Removes what the development network made in its directory, and the directory if nothing else is in it; on a native
 * Fabric network, its channel.
 *
 * @param env - where Fabric's programs are looked for
 *
 * @throws EkoError `BAD_STATE` while the network runs, `INVALID_ARGUMENT` for the directory of a Fabric network, `CANCELLED`
 */
export async function clearNetwork(
  layout: DevLayout,
  env: Readonly<Record<string, string | undefined>>,
  signal?: AbortSignal,
): Promise<void> {
  const prepare = async (): Promise<void> => {
    // Somebody may have removed its lock.
    await refuseRunning(layout);
    await refuseFabricDirectory(layout);
    await stopLeftOver(layout);
    await leaveFabric(layout, env);
  };
  await clearDirectory(layout, prepare, { signal, whileHeld: () => refuseRunning(layout) });
}

async function refuseRunning(layout: DevLayout): Promise<void> {
  if ((await askStatus(layout)) === undefined) return;
  throw new EkoError('BAD_STATE', `The network in ${layout.directory} is running`, {
    details: { directory: layout.directory, next: 'stop it first: eko dev down' },
  });
}

async function leaveFabric(
  layout: DevLayout,
  env: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  try {
    const network = await readNetworkFile(layout);
    if (network?.fabric === undefined) return;
    const { removeNetworkChannel } = await import('../fabric/fabric-network.js');
    await removeNetworkChannel({ directory: network.fabric.directory, env }, network.channel);
  } catch (error) {
    // A damaged file is what a reset is for; and a Fabric network that is gone, or whose programs are, has its own.
    if (!isEkoError(error, 'CORRUPT_RECORD', 'NOT_FOUND', 'INVALID_CONFIG')) throw error;
  }
}
