import { join } from 'node:path';
import { ShareVault, openLevelStore, openSlotFile } from '@eko/node-kit';
import { loadNodeKeys } from '@eko/sdk';
import type { NodeFolder } from '../../../client-sdk/cli/dist/dev/dev-layout';

/** The names of the shares of a bundle that lie on a witness's disk; the witness must not run. */
export async function storedShares(
  nodeId: string,
  folder: NodeFolder,
  bundleId: string,
): Promise<readonly string[]> {
  const keys = loadNodeKeys(folder.keys, { nodeId, role: 'witness' });
  const store = await openLevelStore(join(folder.data, 'store'));
  try {
    const slotFile = await openSlotFile(join(folder.data, 'data-keys'));
    const vault = await ShareVault.open({ store, slotFile, storeKey: keys.storeKey });
    try {
      return (await vault.list()).filter((name) => name.startsWith(`${bundleId}/`));
    } finally {
      await vault.close();
    }
  } finally {
    await store.close();
    keys.dispose();
  }
}
