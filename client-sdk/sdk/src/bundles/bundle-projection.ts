import { EkoError, LIMITS } from '@eko/protocol';
import {
  EVENTS,
  bundlesOf,
  lapseOf,
  type BundleRecord,
  type BundleView,
  type LedgerEvent,
} from '@eko/protocol/ledger';
import { withDeadline } from '../pacing/deadline';
import { OrderedIds } from './ordered-ids';
import { reduceBundle } from './reduce-bundle';
import { isBundleOver } from './stream-status';

/** Told of a bundle after each change of it. Must not throw. */
export type BundleListener = (view: BundleView) => void;

/** How much is kept of bundles that have ended, at the most. */
export interface EndedKept {
  readonly bundles: number;
  /** Characters of their records as JSON. */
  readonly characters: number;
}

const ENDED_KEPT: EndedKept = { bundles: 1_000, characters: 16 * 1024 * 1024 };

/**
 * The bundles that concern somebody, kept by events: the ledger's records of them, never anything that the ledger does
 * not hold. Whole bundles that ended are forgotten, oldest first, when there are many or they are large.
 */
export class BundleProjection {
  readonly #concerns: (bundle: BundleRecord) => boolean;
  readonly #endedKept: EndedKept;
  readonly #views = new Map<string, BundleView>();
  readonly #ids = new OrderedIds();
  /** Bundles that neither ended nor were dealt: what the time alone can end. */
  readonly #undealt = new Set<string>();
  /** Characters of each bundle that is over, the oldest first. */
  readonly #over = new Map<string, number>();
  #charactersOver = 0;
  readonly #listeners = new Map<string, Set<BundleListener>>();
  readonly #listenersOfAll = new Set<BundleListener>();
  readonly #listenersOfForgetting = new Set<(bundleId: string) => void>();

  constructor(options: {
    readonly concerns: (bundle: BundleRecord) => boolean;
    readonly endedKept?: Partial<EndedKept>;
  }) {
    this.#concerns = options.concerns;
    this.#endedKept = { ...ENDED_KEPT, ...options.endedKept };
  }

  /** The bundles in which a party takes part, on either side. */
  static ofParty(nodeId: string): BundleProjection {
    return new BundleProjection({
      concerns: ({ initiator, policy }) => initiator === nodeId || policy.provider === nodeId,
    });
  }

  /** What the ledger holds of a bundle, as far as it was seen. */
  get(bundleId: string): BundleView | undefined {
    return this.#views.get(bundleId);
  }

  /** All bundles known, in the order of their requests. */
  all(): readonly BundleView[] {
    return [...this.#views.values()];
  }

  /** The bundles known, in order of their IDs, from `first` on. To be walked before the next event. */
  *inOrder(first?: string): IterableIterator<BundleView> {
    for (const bundleId of this.#ids.from(first)) {
      const view = this.#views.get(bundleId);
      if (view !== undefined) yield view;
    }
  }

  /** Takes an event and tells the listeners of each bundle that it changed. */
  apply(event: LedgerEvent): void {
    // While old blocks are read, no clock but the ledger's says what lapsed meanwhile. Its time may be ahead.
    if (event.name === EVENTS.streamsRequested)
      this.lapse(event.payload.bundle.requestedAtUnixMs - LIMITS.clockSkewMs);
    for (const bundleId of bundlesOf(event)) this.#replace(bundleId, reduceBundle(this.get(bundleId), event));
  }

  /**
   * Ends what was neither accepted nor dealt in time, and tells the listeners.
   *
   * @returns the bundles that lapsed now
   */
  lapse(nowUnixMs: number): readonly BundleView[] {
    const lapsed: BundleView[] = [];
    for (const bundleId of [...this.#undealt]) {
      const view = this.get(bundleId);
      const lapse = view === undefined ? undefined : lapseOf(view, nowUnixMs);
      if (view === undefined || lapse === undefined) continue;
      const next = { ...view, lapse };
      this.#replace(bundleId, next);
      lapsed.push(next);
    }
    return lapsed;
  }

  /** Takes what `ReadBundle` answered, where that is ahead of the events. */
  adopt(view: BundleView): void {
    const { bundleId } = view.bundle;
    if (this.get(bundleId) === undefined) this.#replace(bundleId, view);
  }

  /** Takes back what was known before a restart, in any order. It counts as no change. */
  restore(views: readonly BundleView[]): void {
    const atMs = (view: BundleView): number => view.bundle.requestedAtUnixMs;
    for (const view of [...views].sort((a, b) => atMs(a) - atMs(b))) this.#keep(view);
    const endedAtMs = ({ ends, lapse }: BundleView): number =>
      Math.max(...[...ends, ...(lapse === undefined ? [] : [lapse])].map(({ atUnixMs }) => atUnixMs));
    for (const view of views.filter(isBundleOver).sort((a, b) => endedAtMs(a) - endedAtMs(b)))
      this.#retire(view);
  }

  /** Calls `listener` with the ID of each bundle that is forgotten, until the answer is called. Must not throw. */
  watchForgotten(listener: (bundleId: string) => void): () => void {
    this.#listenersOfForgetting.add(listener);
    return () => this.#listenersOfForgetting.delete(listener);
  }

  /** Calls `listener` after each change of a bundle (of every bundle, without a name) until the answer is called. */
  watch(listener: BundleListener, bundleId?: string): () => void {
    if (bundleId === undefined) {
      this.#listenersOfAll.add(listener);
      return () => this.#listenersOfAll.delete(listener);
    }
    const listeners = this.#listeners.get(bundleId) ?? new Set();
    this.#listeners.set(bundleId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(bundleId);
    };
  }

  /**
   * Waits until a bundle satisfies `answer`, which may throw to end the wait.
   *
   * @returns the first answer that is not `undefined`
   * @throws EkoError `DEADLINE_EXCEEDED`, `CANCELLED`, or what `answer` throws
   */
  async until<T>(
    bundleId: string,
    what: string,
    limits: { readonly deadlineMs: number; readonly signal?: AbortSignal | undefined },
    answer: (view: BundleView) => T | undefined,
  ): Promise<T> {
    let unwatch: () => void = () => undefined;
    try {
      return await withDeadline(
        what,
        limits,
        () =>
          new Promise<T>((resolve, reject) => {
            const look = (view: BundleView): void => {
              try {
                const found = answer(view);
                if (found !== undefined) resolve(found);
              } catch (error) {
                reject(
                  error instanceof Error
                    ? error
                    : new EkoError('INTERNAL', 'A wait failed', { cause: error }),
                );
              }
            };
            unwatch = this.watch(look, bundleId);
            const present = this.get(bundleId);
            if (present !== undefined) look(present);
          }),
      );
    } finally {
      unwatch();
    }
  }

  #replace(bundleId: string, view: BundleView | undefined): void {
    const before = this.get(bundleId);
    if (view === undefined || view === before || !this.#concerns(view.bundle)) return;
    this.#keep(view);
    if (isBundleOver(view)) this.#retire(view);
    for (const listener of [...(this.#listeners.get(bundleId) ?? []), ...this.#listenersOfAll])
      listener(view);
  }

  #keep(view: BundleView): void {
    const { bundleId } = view.bundle;
    if (!this.#views.has(bundleId)) this.#ids.add(bundleId);
    this.#views.set(bundleId, view);
    if (view.dealings.length === 0 && !isBundleOver(view)) this.#undealt.add(bundleId);
    else this.#undealt.delete(bundleId);
  }

  #retire(view: BundleView): void {
    const { bundleId } = view.bundle;
    const characters = JSON.stringify(view).length;
    this.#charactersOver += characters - (this.#over.get(bundleId) ?? 0);
    this.#over.set(bundleId, characters);
    for (const [oldest, its] of this.#over) {
      const { bundles, characters: most } = this.#endedKept;
      if (this.#over.size <= bundles && this.#charactersOver <= most) break;
      this.#over.delete(oldest);
      this.#charactersOver -= its;
      this.#views.delete(oldest);
      this.#ids.delete(oldest);
      for (const listener of this.#listenersOfForgetting) listener(oldest);
    }
  }
}
