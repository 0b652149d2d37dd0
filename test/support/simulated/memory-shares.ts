import { SecretBytes } from '@eko/protocol';
import type { SlotRecord } from '@eko/node-kit';
import type { ShareSlots } from '../../../network/witness/src/service/share-store';

/** The slots of a witness, in memory. */
export class MemoryShares implements ShareSlots {
  readonly #shares = new Map<string, Uint8Array>();
  /** Called before nodes are stored. */
  onPut: (nodes: readonly SlotRecord<'tree node'>[]) => Promise<void> = () => Promise.resolve();
  /** Called before nodes are read. */
  onGet: () => Promise<void> = () => Promise.resolve();
  /** Called before nodes are destroyed. */
  onShred: (ids: readonly string[]) => Promise<void> = () => Promise.resolve();

  get names(): readonly string[] {
    return [...this.#shares.keys()];
  }

  async put(nodes: readonly SlotRecord<'tree node'>[]): Promise<void> {
    await this.onPut(nodes);
    for (const { id, bytes } of nodes)
      this.#shares.set(
        id,
        bytes.use((plain) => Uint8Array.from(plain)),
      );
  }

  async get(ids: readonly string[]): Promise<readonly SlotRecord<'tree node'>[]> {
    await this.onGet();
    return ids.flatMap((id) => {
      const bytes = this.#shares.get(id);
      return bytes === undefined ? [] : [{ id, bytes: new SecretBytes('tree node', Uint8Array.from(bytes)) }];
    });
  }

  async shred(ids: readonly string[]): Promise<void> {
    await this.onShred(ids);
    for (const id of ids) this.#shares.delete(id);
  }

  keepOnly(ids: Iterable<string>): Promise<void> {
    const kept = new Set(ids);
    for (const id of this.names) if (!kept.has(id)) this.#shares.delete(id);
    return Promise.resolve();
  }
}
