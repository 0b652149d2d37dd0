import { EkoError } from '@eko/protocol';
import { rm, rmdir } from 'node:fs/promises';
import { isGone } from './control-client';
import type { DevLayout } from './dev-layout';

/**
 * Removes what the development network made in its directory, and the directory if nothing else is in it.
 *
 * @throws EkoError `BAD_STATE` while the network runs
 */
export async function clearNetwork(layout: DevLayout): Promise<void> {
  if (!(await isGone(layout))) {
    throw new EkoError('BAD_STATE', `The network in ${layout.directory} is running`, {
      details: { directory: layout.directory },
    });
  }
  for (const entry of layout.entries) await rm(entry, { recursive: true, force: true });
  // What others put there stays, and then so does the directory.
  await rmdir(layout.directory).catch(() => undefined);
}
