import { setImmediate as nextTurn } from 'node:timers/promises';
import { EkoError } from '@eko/protocol';
import type { NodeRecord, BundleTerms } from '@eko/protocol/ledger';
import type { Checkpoint } from '@eko/sdk';

/** What any node knows of a bundle: at least the ledger's record of it. */
export interface KnownBundle {
  readonly bundle: BundleTerms;
}

/** One durable step of a book of bundles. */
export interface BundleChange<State extends KnownBundle> {
  readonly bundles: readonly State[];
  /** IDs of bundles that are finished here. */
  readonly forget: readonly string[];
  /** Nodes whose records changed on the way to the checkpoint. */
  readonly nodes: readonly NodeRecord[];
  /** Where the event subscription stands after this change. */
  readonly checkpoint?: Checkpoint;
  /** From where it must be read again all the same, with `checkpoint`: for bundles that were heard of and not stored. */
  readonly since?: Checkpoint;
}

/** What the changes so far come to. */
export interface StoredBook<State extends KnownBundle> {
  readonly bundles: readonly State[];
  readonly nodes: readonly NodeRecord[];
  readonly checkpoint?: Checkpoint;
  readonly since?: Checkpoint;
}

/** Hears of a bundle's state: before and after a change, each `undefined` where the book has not the bundle. */
export type BundleWatcher<State extends KnownBundle> = (
  bundleId: string,
  after: State | undefined,
  before: State | undefined,
) => void;

/** What passes without a change of the node's own is written so often at the most. */
const PASSED_MS = 200;

/** Bundles, and the registry as it was at the node's place on the ledger, with that place, written in one step. */
export interface BundleStore<State extends KnownBundle> {
  load(): Promise<StoredBook<State>>;
  save(change: BundleChange<State>): Promise<void>;
}

/**
 * The bundles of a node: changed in memory at once, so that an end counts from the moment it is seen, and written
 * behind. Changes that come while one write is under way go to the disk together with the next. The records of other
 * nodes that the ledger's events bring are written with it, so that none is lost between the checkpoint and the peer that
 * lists the nodes at the next start.
 *
 * A bundle that a node only hears of, because it may get a part in it yet, is in no store: with the checkpoint goes the
 * place from which the ledger must be read again to hear of it again. What is read again so is applied to no bundle that is
 * stored.
 */
export class BundleBook<State extends KnownBundle> {
  readonly #bundles = new Map<string, State>();
  readonly #waiting = new Set<() => void>();
  readonly #watchers: BundleWatcher<State>[] = [];
  readonly #store: BundleStore<State>;
  readonly #isFinished: (state: State) => boolean;
  /** Set since they were last written. */
  readonly #unwritten = new Set<string>();
  /** What the next write takes. */
  #changed = new Set<string>();
  #nodes = new Map<string, NodeRecord>();
  #checkpoint: Checkpoint | undefined;
  /** Bundles that no write has held, in the order of the ledger, with the place before the event that spoke of them. */
  readonly #heard = new Map<string, Checkpoint | undefined>();
  /** The last event dealt with. */
  #place: Checkpoint | undefined;
  /** Up to where events were dealt with before this start, while those are read again. */
  #replayed: Checkpoint | undefined;
  #passing: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #hasFailed = false;

  private constructor(store: BundleStore<State>, isFinished: (state: State) => boolean) {
    this.#store = store;
    this.#isFinished = isFinished;
  }

  /**
   * Opens the book with what the store holds.
   *
   * @param isFinished - tells whether nothing of a bundle is left to do here, so that it can be forgotten
   * @returns the book, the place from which events are to be read, and the nodes as the events up to there left them, for the node's directory
   */
  static async open<State extends KnownBundle>(
    store: BundleStore<State>,
    isFinished: (state: State) => boolean,
  ): Promise<{
    book: BundleBook<State>;
    checkpoint: Checkpoint | undefined;
    nodes: readonly NodeRecord[];
  }> {
    const { bundles, checkpoint, since, nodes } = await store.load();
    const book = new BundleBook(store, isFinished);
    for (const state of bundles) book.#bundles.set(state.bundle.bundleId, state);
    if (since !== undefined) book.#replayed = checkpoint;
    book.#place = since ?? checkpoint;
    return { book, checkpoint: book.#place, nodes };
  }

  get(bundleId: string): State | undefined {
    return this.#bundles.get(bundleId);
  }

  all(): IterableIterator<State> {
    return this.#bundles.values();
  }

  /** Tells a watcher of every bundle that is here, and from then on of each change as it is made. */
  watch(watcher: BundleWatcher<State>): void {
    for (const [bundleId, state] of this.#bundles) watcher(bundleId, state, undefined);
    this.#watchers.push(watcher);
  }

  /** Replaces a bundle's state, in memory only; synchronous, so that no other change comes between. */
  set(bundleId: string, next: State): void {
    this.#unwritten.add(bundleId);
    this.amend(bundleId, next);
  }

  /** As `set`, where the change is none that the store would hold: nothing is to be written for it. */
  amend(bundleId: string, next: State): void {
    const before = this.#bundles.get(bundleId);
    this.#bundles.set(bundleId, next);
    for (const watcher of this.#watchers) watcher(bundleId, next, before);
    for (const wake of this.#waiting) wake();
  }

  /** Keeps in memory a bundle that the event at hand spoke of, until it is set and written, or dropped. */
  hear(bundleId: string, state: State): void {
    if (!this.#bundles.has(bundleId)) this.#heard.set(bundleId, this.#place);
    this.amend(bundleId, state);
  }

  /** Whether nothing of a bundle was ever written. */
  isHeard(bundleId: string): boolean {
    return this.#heard.has(bundleId);
  }

  /** Forgets a bundle of which nothing was ever written. */
  drop(bundleId: string): void {
    if (!this.#heard.delete(bundleId)) return;
    this.#unwritten.delete(bundleId);
    this.#remove(bundleId);
  }

  /** Whether an event was dealt with before this start, as the store has it of this bundle. */
  isPast(bundleId: string, { blockNumber }: Pick<Checkpoint, 'blockNumber'>): boolean {
    const isRead = this.#replayed !== undefined && blockNumber <= this.#replayed.blockNumber;
    return isRead && this.#bundles.has(bundleId) && !this.#heard.has(bundleId);
  }

  /**
   * Has these bundles written soon, with the checkpoint: for what the ledger can say again. It waits only after a write
   * that failed, until the next one has not.
   *
   * @param node - the record that the event up to the checkpoint changed
   */
  async keep(bundleIds: readonly string[], checkpoint: Checkpoint, node?: NodeRecord): Promise<void> {
    this.#moveOn(checkpoint, node);
    const written = this.#write(bundleIds);
    if (this.#hasFailed) await written;
    else written.catch(() => undefined);
  }

  /**
   * As `keep`, after an event that changed no bundle of the node's own: its place is written with the next change, or a
   * little later. After a crash it is read again, and changes nothing again.
   */
  async pass(checkpoint: Checkpoint, node?: NodeRecord): Promise<void> {
    this.#moveOn(checkpoint, node);
    if (this.#hasFailed) await this.#write([]);
    else
      this.#passing ??= setTimeout(() => {
        this.#write([]).catch(() => undefined);
      }, PASSED_MS).unref();
  }

  /** Writes where the node stands; before its store is closed. */
  async close(): Promise<void> {
    await (this.#passing === undefined ? this.written() : this.#write([...this.#unwritten]));
  }

  #moveOn(checkpoint: Checkpoint, node: NodeRecord | undefined): void {
    this.#place = checkpoint;
    // What is read again moves the stored place neither back nor on.
    const replayed = this.#replayed;
    const isReplay = replayed !== undefined && checkpoint.blockNumber <= replayed.blockNumber;
    this.#checkpoint = isReplay ? replayed : checkpoint;
    const isEnd = checkpoint.blockNumber === replayed?.blockNumber && checkpoint.txId === replayed.txId;
    if (!isReplay || isEnd) this.#replayed = undefined;
    if (node !== undefined) this.#nodes.set(node.nodeId, node);
  }

  /** Writes the present state of these bundles; it is on the disk when this resolves. */
  async write(bundleIds: readonly string[]): Promise<void> {
    await this.#write(bundleIds);
  }

  /** Resolves once everything that was set so far is on the disk, whoever was to write it. */
  async written(): Promise<void> {
    const isBehind = this.#unwritten.size > 0 || this.#hasFailed;
    await (isBehind ? this.#write([...this.#unwritten]) : (this.#next ?? this.#running));
  }

  #write(bundleIds: readonly string[]): Promise<void> {
    for (const bundleId of bundleIds) this.#changed.add(bundleId);
    this.#next ??= this.#writeAfter(this.#running);
    return this.#next;
  }

  async #writeAfter(before: Promise<void> | undefined): Promise<void> {
    // One turn, so that what comes with this change goes with it.
    await Promise.all([before?.catch(() => undefined), nextTurn()]);
    this.#running = this.#next;
    this.#next = undefined;
    const changed = this.#changed;
    const nodes = this.#nodes;
    const checkpoint = this.#checkpoint;
    this.#changed = new Set();
    this.#nodes = new Map();
    this.#checkpoint = undefined;
    clearTimeout(this.#passing);
    this.#passing = undefined;
    try {
      await this.#save([...changed], [...nodes.values()], checkpoint);
      this.#hasFailed = false;
    } catch (error) {
      this.#hasFailed = true;
      for (const bundleId of changed) {
        this.#changed.add(bundleId);
        this.#unwritten.add(bundleId);
      }
      this.#nodes = new Map([...nodes, ...this.#nodes]);
      this.#checkpoint ??= checkpoint;
      throw error;
    }
  }

  async #save(
    bundleIds: readonly string[],
    nodes: readonly NodeRecord[],
    checkpoint: Checkpoint | undefined,
  ): Promise<void> {
    // Whatever is set while the store writes is unwritten again.
    for (const bundleId of bundleIds) this.#unwritten.delete(bundleId);
    const present = bundleIds.flatMap((bundleId) => this.#bundles.get(bundleId) ?? []);
    const finished = present.filter((state) => this.#isFinished(state));
    for (const { bundle } of present) this.#heard.delete(bundle.bundleId);
    await this.#store.save({
      bundles: present.filter((state) => !finished.includes(state)),
      forget: finished.map((state) => state.bundle.bundleId),
      nodes,
      ...this.#placeToStore(checkpoint),
    });
    for (const state of finished) {
      if (this.#bundles.get(state.bundle.bundleId) === state) this.#remove(state.bundle.bundleId);
    }
  }

  #remove(bundleId: string): void {
    const before = this.#bundles.get(bundleId);
    this.#bundles.delete(bundleId);
    for (const watcher of this.#watchers) watcher(bundleId, undefined, before);
  }

  #placeToStore(checkpoint: Checkpoint | undefined): Pick<BundleChange<State>, 'checkpoint' | 'since'> {
    const [since] = this.#heard.values();
    if (checkpoint === undefined) return {};
    if (since !== undefined) return { checkpoint, since };
    // What the first event of all spoke of is heard of again only where no place is stored.
    return this.#heard.size > 0 ? {} : { checkpoint };
  }

  /**
   * Waits until `ready` answers true, which it is asked after every change.
   * @throws EkoError `CANCELLED`; when the time is over it resolves, and the caller decides by the state it finds
   */
  async until(ready: () => boolean, timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (ready()) return;
    await new Promise<void>((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        this.#waiting.delete(check);
        signal.removeEventListener('abort', cancel);
        settle();
      };
      const check = (): void => {
        if (ready()) finish(resolve);
      };
      const cancel = (): void => {
        finish(() => {
          reject(new EkoError('CANCELLED', 'The caller went away'));
        });
      };
      const timer = setTimeout(() => {
        finish(resolve);
      }, timeoutMs);
      this.#waiting.add(check);
      signal.addEventListener('abort', cancel, { once: true });
    });
  }
}
