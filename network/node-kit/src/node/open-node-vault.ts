import { join } from 'node:path';
import { ShareVault } from '../vault/share-vault';
import { openSlotFile } from '../vault/slot-file';
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
export async function openNodeVault(
  { store, keys }: Pick<NodeFoundation, 'store' | 'keys'>,
  { dataDirectory }: Pick<NodeSettings, 'dataDirectory'>,
  prefix: string,
): Promise<ShareVault> {
  const slotFile = await openSlotFile(join(dataDirectory, SLOT_FILE));
  return ShareVault.open({ store, slotFile, storeKey: keys.storeKey, prefix });
}

/**
 * Opens a witness's shares: each in a slot of its own. Follow with `keepOnly`.
 *
 * @throws EkoError as `SlotVault.open`
 */
export async function openNodeShares(
  { keys }: Pick<NodeFoundation, 'keys'>,
  { dataDirectory }: Pick<NodeSettings, 'dataDirectory'>,
): Promise<SlotVault<'share'>> {
  const slotFile = await openSlotFile(join(dataDirectory, SLOT_FILE));
  return SlotVault.open({ slotFile, storeKey: keys.storeKey, label: 'share' });
}
