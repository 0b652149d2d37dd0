import { EkoError } from '@eko/protocol';
import { EVENTS, bundlesOf, nodeOf, type LedgerEvent, type NodeRecord } from '@eko/protocol/ledger';
import type { Checkpoint } from '../ledger/ledger';
import { backoffMs, pause } from '../pacing/backoff';
import { isAborted } from '../pacing/deadline';
import { reportTrouble } from './background';
import type { ClientContext } from './client-context';
import type { ClientStore, RememberedBundle, StoredClient } from './client-store';

/** Changes of this long go to the store together. */
const GATHER_MS = 100;
const RETRY = { firstMs: 500, mostMs: 30_000 };

/**
 * Writes a client's view of the ledger behind the events. Nothing waits for it, because the ledger can say everything
 * again: a write that is lost or fails only makes the next start read more blocks. Each write has the bundles and nodes
 * that changed and the checkpoint up to which they did.
 */
export class LedgerMemory {
  readonly #context: ClientContext;
  readonly #store: ClientStore;
  readonly #owedOf: (bundleId: string) => RememberedBundle['owed'];
  /** The bundles that the store has. */
  readonly #stored: Set<string>;
  #changed = new Set<string>();
  #nodes = new Map<string, NodeRecord>();
  /** Set while there is something to write. */
  #checkpoint: Checkpoint | undefined;
  #writing: Promise<void> | undefined;

  /**
   * @param stored - what the store has
   * @param owedOf - which destructions of a bundle are owed
   */
  constructor(
    context: ClientContext,
    store: ClientStore,
    stored: StoredClient | undefined,
    owedOf: (bundleId: string) => RememberedBundle['owed'],
  ) {
    this.#context = context;
    this.#store = store;
    this.#owedOf = owedOf;
    this.#stored = new Set(stored?.bundles.map(({ view }) => view.bundle.bundleId));
    context.bundles.watch(({ bundle }) => this.#changed.add(bundle.bundleId));
    context.bundles.watchForgotten((bundleId) => this.#changed.add(bundleId));
  }

  /** Remembers an event that was dealt with in this very turn, so that no write has one without the other. */
  note(event: LedgerEvent, checkpoint: Checkpoint): void {
    const node = nodeOf(event);
    if (node !== undefined) this.#nodes.set(node.nodeId, node);
    if (event.name === EVENTS.destructionAttested)
      // What is owed changes, the bundle does not.
      for (const bundleId of bundlesOf(event)) this.#changed.add(bundleId);
    this.#checkpoint = checkpoint;
    this.#writing ??= this.#writeUntilDone();
  }

  /** Writes what is left. */
  async close(): Promise<void> {
    await this.#writing;
    await this.#write();
  }

  async #writeUntilDone(): Promise<void> {
    const { closing } = this.#context;
    let failures = 0;
    while (this.#checkpoint !== undefined && !isAborted(closing)) {
      failures = (await this.#write()) ? 0 : failures + 1;
      await pause(failures === 0 ? GATHER_MS : backoffMs(failures, RETRY), closing);
    }
    this.#writing = undefined;
  }

  /** Writes all that has changed; tells whether it could. */
  async #write(): Promise<boolean> {
    const [checkpoint, changed, nodes] = [this.#checkpoint, this.#changed, this.#nodes];
    if (checkpoint === undefined) return true;
    this.#checkpoint = undefined;
    this.#changed = new Set();
    this.#nodes = new Map();
    const bundles: RememberedBundle[] = [];
    const forget: string[] = [];
    for (const bundleId of changed) {
      const view = this.#context.bundles.get(bundleId);
      const owed = this.#owedOf(bundleId);
      if (view !== undefined) bundles.push(owed === undefined ? { view } : { view, owed });
      // What the store has of a bundle stays for as long as anything is owed of it.
      else if (owed === undefined && this.#stored.has(bundleId)) forget.push(bundleId);
    }
    try {
      const { nodeId } = this.#context.keys;
      await this.#store.save({ nodeId, checkpoint, bundles, forget, nodes: [...nodes.values()] });
    } catch (error) {
      this.#checkpoint ??= checkpoint;
      for (const { view } of bundles) this.#changed.add(view.bundle.bundleId);
      for (const bundleId of forget) this.#changed.add(bundleId);
      this.#nodes = new Map([...nodes, ...this.#nodes]);
      reportTrouble(this.#context, error, 'Remembering the ledger');
      return false;
    }
    for (const { view } of bundles) this.#stored.add(view.bundle.bundleId);
    for (const bundleId of forget) this.#stored.delete(bundleId);
    return true;
  }
}

/**
 * Refuses what another party stored.
 *
 * @throws EkoError `INVALID_CONFIG`
 */
export function refuseOtherParty(stored: StoredClient | undefined, nodeId: string): void {
  if (stored === undefined || stored.nodeId === nodeId) return;
  throw new EkoError(
    'INVALID_CONFIG',
    `The store belongs to ${stored.nodeId}, not to ${nodeId}; give each party its own, or remove it to start anew`,
  );
}
