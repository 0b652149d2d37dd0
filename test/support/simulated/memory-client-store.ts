import type { NodeRecord } from '@eko/protocol/ledger';
import type { ClientChange, ClientStore, RememberedBundle, StoredClient } from '@eko/sdk';

/** A client's store in memory: what was saved, and the saves themselves; fails and stalls on demand. */
export class MemoryClientStore implements ClientStore {
  readonly saves: ClientChange[] = [];
  /** What the next saves fail with. */
  failures: Error[] = [];
  /** While it is set, a save waits for it. */
  gate: Promise<void> | undefined;
  #bundles = new Map<string, RememberedBundle>();
  #nodes = new Map<string, NodeRecord>();
  #place: Pick<StoredClient, 'nodeId' | 'checkpoint'> | undefined;
  #waiters: (() => void)[] = [];

  load(): Promise<StoredClient | undefined> {
    if (this.#place === undefined) return Promise.resolve(undefined);
    // The other way round, because a store promises no order.
    const bundles = [...this.#bundles.values()].reverse();
    return Promise.resolve({ ...this.#place, bundles, nodes: [...this.#nodes.values()] });
  }

  async save(change: ClientChange): Promise<void> {
    const copy = structuredClone(change);
    await this.gate;
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    this.saves.push(copy);
    for (const remembered of copy.bundles) this.#bundles.set(remembered.view.bundle.bundleId, remembered);
    for (const bundleId of copy.forget) this.#bundles.delete(bundleId);
    for (const node of copy.nodes) this.#nodes.set(node.nodeId, node);
    this.#place = { nodeId: copy.nodeId, checkpoint: copy.checkpoint };
    for (const waiter of this.#waiters.splice(0)) waiter();
  }

  /** What is stored of a bundle. */
  bundle(bundleId: string): RememberedBundle | undefined {
    return this.#bundles.get(bundleId);
  }

  /** Waits until what is stored satisfies `condition`. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  /** What the store would be after a crash now: the same, for another client. */
  copy(): MemoryClientStore {
    const other = new MemoryClientStore();
    other.#bundles = structuredClone(this.#bundles);
    other.#nodes = structuredClone(this.#nodes);
    other.#place = structuredClone(this.#place);
    return other;
  }

  /** Everything ever saved, as text. */
  get text(): string {
    return JSON.stringify(this.saves, (_key, value: unknown) =>
      typeof value === 'bigint' ? value.toString() : value,
    );
  }
}
