import { join } from 'node:path';
import { ShareVault } from '../vault/share-vault';
import { openSlotFile, type SlotFile } from '../vault/slot-file';
import { SlotVault } from '../vault/slot-vault';
import type { NodeFoundation } from './node-foundation';
import type { NodeSettings } from './node-settings';

/** What is destroyed by overwriting lies apart from the store, so that a backup can leave it out. */
const SLOT_FILE = 'data-keys';

/**
 * Opens a node's vault: sealed records in its store under `prefix`, their keys in a file of their own.
 *
 * @throws EkoError as `ShareVault.open`
 */
export function openNodeVault(
  { store, keys, onStop }: Pick<NodeFoundation, 'store' | 'keys' | 'onStop'>,
  settings: Pick<NodeSettings, 'dataDirectory'>,
  prefix: string,
): Promise<ShareVault> {
  return openOnSlots(settings, onStop, (slotFile) =>
    ShareVault.open({ store, slotFile, storeKey: keys.storeKey, prefix }),
  );
}

/**
 * Opens a witness's shares: each in a slot of its own. Follow with `keepOnly`.
 *
 * @throws EkoError as `SlotVault.open`
 */
export function openNodeShares(
  { keys, onStop }: Pick<NodeFoundation, 'keys' | 'onStop'>,
  settings: Pick<NodeSettings, 'dataDirectory'>,
): Promise<SlotVault<'share'>> {
  return openOnSlots(settings, onStop, (slotFile) =>
    SlotVault.open({ slotFile, storeKey: keys.storeKey, label: 'share' }),
  );
}

async function openOnSlots<Store extends { close(): Promise<void> }>(
  { dataDirectory }: Pick<NodeSettings, 'dataDirectory'>,
  onStop: NodeFoundation['onStop'],
  open: (slotFile: SlotFile) => Promise<Store>,
): Promise<Store> {
  const slotFile = await openSlotFile(join(dataDirectory, SLOT_FILE));
  const store = await open(slotFile).catch(async (error: unknown) => {
    await slotFile.close();
    throw error;
  });
  onStop(() => store.close());
  return store;
}
