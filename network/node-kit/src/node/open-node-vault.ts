import { join } from 'node:path';
import { ShareVault } from '../vault/share-vault';
import { openSlotFile } from '../vault/slot-file';
import type { NodeFoundation } from './node-foundation';
import type { NodeSettings } from './node-settings';

/** Data keys lie apart from the store, so that a backup can leave them out. */
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
