import { stopProcesses } from '../processes/stop-processes';
import type { DevLayout } from './dev-layout';

/** What the process table calls the starter of a detached network; it has the network's processes, and is none of them. */
export const DETACHED_STARTER = 'network';

/**
 * Stops what a starter that was killed has left: it ends by itself, but may write to the directory and keep its ports
 * until then. Only for who has the network's lock: then nobody starts anything.
 *
 * @throws EkoError as `stopProcesses`
 */
export async function stopLeftOver({ directory }: DevLayout): Promise<void> {
  await stopProcesses(directory, ({ label }) => label !== DETACHED_STARTER);
}
