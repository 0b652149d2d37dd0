import { existsSync } from 'node:fs';
import { rm, rmdir } from 'node:fs/promises';
import { withNetworkLock, type LockPatience } from './network-lock';

/**
 * Removes what a network made in its directory, and the directory if nothing else is in it.
 *
 * @param before - what is done first, under the network's lock; it throws where the network may not be cleared
 * @throws EkoError as `withNetworkLock`
 */
export async function clearDirectory(
  { directory, entries }: { readonly directory: string; readonly entries: readonly string[] },
  before: () => Promise<void>,
  patience?: LockPatience,
): Promise<void> {
  if (!existsSync(directory)) return;
  await withNetworkLock(
    directory,
    async () => {
      await before();
      for (const entry of entries) await rm(entry, { recursive: true, force: true });
    },
    patience,
  );
  // What others put there stays, and then so does the directory.
  await rmdir(directory).catch(() => undefined);
}
