import { bundlesOf, EkoError, type BundleRecord, type BundleView, type LedgerEvent } from '@eko/protocol';
import { withDeadline } from '../pacing/deadline';
import { reduceBundle } from './reduce-bundle';
import { isBundleOver } from './stream-status';

/** Told of a bundle after each change of it. Must not throw. */
export type BundleListener = (view: BundleView) => void;

/** Bundles that have ended are still known for this many others. */
const ENDED_KEPT = 1_000;

/**
 * The bundles that concern somebody, kept by events: the ledger's records of them, never anything that the ledger does
 * not hold. Whole bundles that ended are forgotten, oldest first, when there are many.
 */
export class BundleProjection {
  readonly #concerns: (bundle: BundleRecord) => boolean;
  readonly #endedKept: number;
  readonly #views = new Map<string, BundleView>();
  readonly #over = new Set<string>();
  readonly #listeners = new Map<string, Set<BundleListener>>();
  readonly #listenersOfAll = new Set<BundleListener>();
  readonly #listenersOfForgetting = new Set<(bundleId: string) => void>();

  constructor(options: {
    readonly concerns: (bundle: BundleRecord) => boolean;
    readonly endedKept?: number;
  }) {
    this.#concerns = options.concerns;
    this.#endedKept = options.endedKept ?? ENDED_KEPT;
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

  /** Takes an event and tells the listeners of each bundle that it changed. */
  apply(event: LedgerEvent): void {
    for (const bundleId of bundlesOf(event)) this.#replace(bundleId, reduceBundle(this.get(bundleId), event));
  }

  /** Takes what `ReadBundle` answered, where that is ahead of the events. */
  adopt(view: BundleView): void {
    const { bundleId } = view.bundle;
    if (this.get(bundleId) === undefined) this.#replace(bundleId, view);
  }

  /** Takes back what was known before a restart, in any order. It counts as no change. */
  restore(views: readonly BundleView[]): void {
    const atMs = (view: BundleView): number => view.bundle.requestedAtUnixMs;
    for (const view of [...views].sort((a, b) => atMs(a) - atMs(b)))
      this.#views.set(view.bundle.bundleId, view);
    const endedAtMs = (view: BundleView): number => Math.max(...view.ends.map(({ atUnixMs }) => atUnixMs));
    for (const view of views.filter(isBundleOver).sort((a, b) => endedAtMs(a) - endedAtMs(b)))
      this.#retire(view.bundle.bundleId);
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
    this.#views.set(bundleId, view);
    if (isBundleOver(view)) this.#retire(bundleId);
    for (const listener of [...(this.#listeners.get(bundleId) ?? []), ...this.#listenersOfAll])
      listener(view);
  }

  #retire(bundleId: string): void {
    this.#over.add(bundleId);
    if (this.#over.size <= this.#endedKept) return;
    for (const oldest of this.#over) {
      this.#over.delete(oldest);
      this.#views.delete(oldest);
      for (const listener of this.#listenersOfForgetting) listener(oldest);
      break;
    }
  }
}
