import { EkoError, formatStreamId, isEkoError, type SecretBytes } from '@eko/protocol';
import { FIRST_EPOCH, TRANSACTIONS, type BundleView } from '@eko/protocol/ledger';
import { nodeHpkePrimitives, verifyEd25519OnNode } from '@eko/protocol/node';
import { activeIndicesOf, streamStatusOf } from '../bundles/stream-status';
import { collectKeys } from '../collection/collect-keys';
import { newCollectionTask } from '../collection/collection-task';
import { HedgeDelay } from '../collection/hedge-delay';
import { WitnessStanding } from '../collection/witness-standing';
import { backoffMs, pause } from '../pacing/backoff';
import { withDeadline } from '../pacing/deadline';
import { reportTrouble } from './background';
import type { ClientContext } from './client-context';
import { streamEndedError } from '../streams/live-streams';

const RETRY = { firstMs: 500, mostMs: 15_000 };
/** An activation serves as permit for a few seconds only; after this long a permit of one's own is asked for at once. */
const YOUNG_MS = 3_000;

type KeyListener = (view: BundleView, index: number, key: SecretBytes<'epoch key'>) => void;

/**
 * The epoch keys that this process holds: collected when a stream becomes active or when they are first asked for,
 * wiped with the end of their stream. One collection a bundle at a time.
 */
export class StreamKeys {
  readonly #context: ClientContext;
  readonly #onKey: KeyListener;
  readonly #keys = new Map<string, SecretBytes<'epoch key'>>();
  /** Streams that will never have a key here, and why. */
  readonly #failed = new Map<string, EkoError>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #standing = new WitnessStanding();
  readonly #hedging = new HedgeDelay();
  /** When activations were seen, on the monotonic clock, whose permits may still be young. */
  readonly #activatedAtMs = new Map<string, number>();
  /** Who waits for a stream to have its key, or not to have one for good. */
  readonly #waiters = new Map<string, Set<() => void>>();

  constructor(context: ClientContext, onKey: KeyListener) {
    this.#context = context;
    this.#onKey = onKey;
  }

  /** The key, if it is here. */
  get(streamId: string): SecretBytes<'epoch key'> | undefined {
    return this.#keys.get(streamId);
  }

  /** A bundle has become active just now: its activation is the permit for the first collection. */
  activated(view: BundleView): void {
    const nowMs = this.#context.clock.monotonicMs();
    for (const [bundleId, sinceMs] of this.#activatedAtMs)
      if (nowMs - sinceMs > YOUNG_MS) this.#activatedAtMs.delete(bundleId);
    this.#activatedAtMs.set(view.bundle.bundleId, nowMs);
  }

  /**
   * Waits for the key of an active stream, collecting it if need be.
   *
   * @throws EkoError `STREAM_ENDED`, `BAD_DEALING`, what the collection failed with, `DEADLINE_EXCEEDED`, `CANCELLED`
   */
  async obtain(
    bundleId: string,
    index: number,
    limits: { readonly deadlineMs: number; readonly signal?: AbortSignal | undefined },
  ): Promise<SecretBytes<'epoch key'>> {
    const streamId = formatStreamId({ bundleId, index });
    const present = this.#settledKey(streamId);
    if (present !== undefined) return present;
    let onSettled: () => void = () => undefined;
    try {
      return await withDeadline(`Collecting the key of ${streamId}`, limits, async () => {
        const settled = new Promise<void>((resolve) => {
          onSettled = resolve;
        });
        this.#addWaiter(streamId, onSettled);
        await Promise.race([settled, this.#collectOnce(bundleId)]);
        const key = this.#settledKey(streamId);
        if (key === undefined)
          throw new EkoError('QUORUM_UNAVAILABLE', `No key of ${streamId} was collected`);
        return key;
      });
    } finally {
      this.#removeWaiter(streamId, onSettled);
    }
  }

  /** Collects the keys of a bundle's active streams in the background, again and again until none is missing. */
  async keepCollecting(bundleId: string): Promise<void> {
    const { closing } = this.#context;
    for (let attempt = 1; !closing.aborted && this.#missingOf(bundleId).length > 0; attempt += 1) {
      try {
        await this.#collectOnce(bundleId);
        if (this.#missingOf(bundleId).length === 0) return;
      } catch (error) {
        reportTrouble(this.#context, error, 'Collecting keys');
        if (isEkoError(error) && error.blame === 'verification') return;
      }
      await pause(backoffMs(attempt, RETRY), closing);
    }
  }

  /** Wipes the key of a stream that has ended (`LiveStreams` knows it first); whoever waits for it is told. */
  end(streamId: string): void {
    this.#drop(streamId);
    this.#failed.delete(streamId);
    this.#settle(streamId);
  }

  /** Wipes every key. */
  close(): void {
    for (const streamId of [...this.#keys.keys()]) this.#drop(streamId);
    this.#failed.clear();
  }

  #isSettled(streamId: string): boolean {
    const isOver = this.#context.live.endReason(streamId) !== undefined;
    return isOver || this.#keys.has(streamId) || this.#failed.has(streamId);
  }

  /** The key if it is here; throws why there will be none. */
  #settledKey(streamId: string): SecretBytes<'epoch key'> | undefined {
    const failure = this.#failed.get(streamId);
    if (failure !== undefined) throw failure;
    const reason = this.#context.live.endReason(streamId);
    if (reason !== undefined) throw streamEndedError(streamId, reason);
    return this.#keys.get(streamId);
  }

  #drop(streamId: string): void {
    this.#keys.get(streamId)?.dispose();
    this.#keys.delete(streamId);
  }

  #addWaiter(streamId: string, waiter: () => void): void {
    const waiters = this.#waiters.get(streamId);
    if (waiters === undefined) this.#waiters.set(streamId, new Set([waiter]));
    else waiters.add(waiter);
  }

  #removeWaiter(streamId: string, waiter: () => void): void {
    const waiters = this.#waiters.get(streamId);
    waiters?.delete(waiter);
    if (waiters?.size === 0) this.#waiters.delete(streamId);
  }

  /** Tells those who wait for a stream that its key is here, or that there will be none. */
  #settle(streamId: string): void {
    for (const waiter of this.#waiters.get(streamId) ?? []) waiter();
  }

  #missingOf(bundleId: string): readonly number[] {
    const view = this.#context.bundles.get(bundleId);
    if (view === undefined) return [];
    return activeIndicesOf(view).filter((index) => !this.#isSettled(formatStreamId({ bundleId, index })));
  }

  #collectOnce(bundleId: string): Promise<void> {
    const running = this.#running.get(bundleId);
    if (running !== undefined) return running;
    const run = this.#collect(bundleId).finally(() => this.#running.delete(bundleId));
    this.#running.set(bundleId, run);
    return run;
  }

  async #collect(bundleId: string): Promise<void> {
    const { ledger, keys, bundles, directory, peers, clock, bounds, observer, closing } = this.#context;
    const view = bundles.get(bundleId);
    if (view === undefined) throw new EkoError('NOT_FOUND', `No bundle ${bundleId} is known`);
    const streams = this.#missingOf(bundleId);
    if (streams.length === 0) return;
    const task = newCollectionTask({ channel: ledger.channel, view, epoch: FIRST_EPOCH, party: keys.nodeId });
    const authorize = async (of: readonly number[], until: AbortSignal): Promise<string> => {
      const selection = of.length === view.bundle.requests.length ? ('all' as const) : [...of];
      const argument = { bundleId, epoch: FIRST_EPOCH, streams: selection };
      return (await ledger.submit(TRANSACTIONS.authorizeRelease, argument, { signal: until })).txId;
    };
    const isYoung = clock.monotonicMs() - (this.#activatedAtMs.get(bundleId) ?? -Infinity) <= YOUNG_MS;
    this.#activatedAtMs.delete(bundleId);
    const permitTxId = isYoung ? task.record.txId : await authorize(streams, closing);
    await collectKeys(
      task,
      streams,
      permitTxId,
      {
        peers,
        keys,
        primitives: nodeHpkePrimitives,
        verify: verifyEd25519OnNode,
        node: (nodeId) => directory.require(nodeId),
        view: () => bundles.get(bundleId) ?? view,
        authorize,
        monotonicMs: () => clock.monotonicMs(),
        standing: this.#standing,
        hedging: this.#hedging,
      },
      {
        key: (index, key) => {
          this.#keep(bundleId, index, key);
        },
        failed: (index, error) => {
          // An end settles when its event comes.
          if (error.code === 'STREAM_ENDED') return;
          const streamId = formatStreamId({ bundleId, index });
          this.#failed.set(streamId, error);
          reportTrouble(this.#context, error, 'Rebuilding a key');
          this.#settle(streamId);
        },
        accuse: (proof) => observer.onEvidence?.(proof),
      },
      { bounds: bounds.collection, signal: closing },
    );
  }

  /** Keeps a key, unless its stream has ended while it was on its way. */
  #keep(bundleId: string, index: number, key: SecretBytes<'epoch key'>): void {
    const streamId = formatStreamId({ bundleId, index });
    const view = this.#context.bundles.get(bundleId);
    const isActive = view !== undefined && streamStatusOf(view, index).state === 'active';
    if (!isActive || this.#context.live.endReason(streamId) !== undefined || this.#context.closing.aborted) {
      key.dispose();
      return;
    }
    this.#keys.set(streamId, key);
    this.#onKey(view, index, key);
    this.#settle(streamId);
  }
}
