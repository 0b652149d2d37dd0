import { join } from 'node:path';
import { SlotStore, StoredBundles, openLevelStore } from '@eko/node-kit';
import { openSlotFile } from '../../../network/node-kit/src/slots/slot-file';
import { loadNodeKeys } from '@eko/sdk/node';
import type { NodeFolder } from '../../../network/local/dist/dev/dev-layout';
import { witnessStateForm } from '../../../network/witness/src/service/bundle-form';
import { nodeNamesOf } from '../../../network/witness/src/service/share-store';

/** The nodes on a witness's disk, from which its shares follow: of a dealing whose streams all live, one. */
export interface SharesOnDisk {
  /** How many there are, of all bundles. */
  readonly count: number;
  /** Names of those that the witness's records give to one bundle. */
  readonly names: readonly string[];
}

/** What lies on a witness's disk; the witness must not run. */
export async function storedShares(
  nodeId: string,
  folder: NodeFolder,
  bundleId: string,
): Promise<SharesOnDisk> {
  const keys = loadNodeKeys(folder.keys, { nodeId, role: 'witness' });
  const store = await openLevelStore(join(folder.data, 'store'));
  try {
    const slotFile = await openSlotFile(join(folder.data, 'data-keys'));
    const shares = await SlotStore.open({ slotFile, storeKey: keys.storeKey, label: 'tree node' });
    try {
      const { bundles } = await new StoredBundles(store, witnessStateForm).load();
      const held = bundles
        .filter(({ bundle }) => bundle.bundleId === bundleId)
        .flatMap((state) => state.held);
      const names = held.flatMap((dealing) => nodeNamesOf(bundleId, dealing));
      return { count: shares.size, names: names.filter((name) => shares.stateOf(name) === 'live') };
    } finally {
      await shares.close();
    }
  } finally {
    await store.close();
    keys.dispose();
  }
}
