import { join } from 'node:path';
import { EnvelopeStore } from '../slots/envelope-store';
import { openSlotFile, type SlotFile } from '../slots/slot-file';
import { SlotStore } from '../slots/slot-store';
import type { NodeFoundation } from './node-foundation';
import type { NodeSettings } from './node-settings';

/** What is destroyed by overwriting lies apart from the store, so that a backup can leave it out. */
const SLOT_FILE = 'data-keys';

/**
 * Opens an orchestrator's envelopes: sealed records in its store under `prefix`, their keys in a file of their own.
 *
 * @throws EkoError as `EnvelopeStore.open`
 */
export function openEnvelopeStore(
  { store, keys, onStop }: Pick<NodeFoundation, 'store' | 'keys' | 'onStop'>,
  settings: Pick<NodeSettings, 'dataDirectory'>,
  prefix: string,
): Promise<EnvelopeStore> {
  return openOnSlots(settings, onStop, (slotFile) =>
    EnvelopeStore.open({ store, slotFile, storeKey: keys.storeKey, prefix }),
  );
}

/**
 * Opens what a witness's shares follow from: each node in a slot of its own. Follow with `keepOnly`.
 *
 * @throws EkoError as `SlotStore.open`
 */
export function openShareSlots(
  { keys, onStop }: Pick<NodeFoundation, 'keys' | 'onStop'>,
  settings: Pick<NodeSettings, 'dataDirectory'>,
): Promise<SlotStore<'tree node'>> {
  return openOnSlots(settings, onStop, (slotFile) =>
    SlotStore.open({ slotFile, storeKey: keys.storeKey, label: 'tree node' }),
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
