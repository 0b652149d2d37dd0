import { formatStreamId, type EndReason } from '@eko/protocol';
import { EVENTS, type EndRecord, type LedgerEvent } from '@eko/protocol/ledger';
import { indicesOf } from '../bundles/stream-status';
import type { LedgerView } from '../ledger/ledger-view';
import type { ClientContext } from './client-context';
import type { RememberedBundle } from './client-store';
import { DestructionReporter } from './destruction-reporter';
import { LedgerLossGuard } from './ledger-loss-guard';
import type { ProviderService } from './provider-service';
import { SetupWatchdog } from './setup-watchdog';
import type { StreamKeys } from './stream-keys';

/** What a client does at each event of the ledger: wipes and closes what ends, collects what becomes active. */
export class LedgerReactions {
  readonly #context: ClientContext;
  readonly #keys: StreamKeys;
  readonly #provider: ProviderService;
  readonly #reporter: DestructionReporter;
  readonly #listeners = new Set<(event: LedgerEvent) => void>();
  /** Whether what becomes active does so now: what did so earlier, and has not ended, is collected when it is asked for. */
  #isLive = false;

  constructor(context: ClientContext, keys: StreamKeys, provider: ProviderService) {
    this.#context = context;
    this.#keys = keys;
    this.#provider = provider;
    this.#reporter = new DestructionReporter(context);
  }

  /** Begins to act on what happens from now on, and on what does not happen in time. */
  start(view: LedgerView): void {
    this.#isLive = true;
    this.#reporter.start();
    new SetupWatchdog(this.#context, ({ bundle: { bundleId }, lapse }) => {
      this.#wipe({ bundleId, reason: lapse?.reason ?? 'expired' });
    }).start();
    new LedgerLossGuard(this.#context, view, (streamId) => {
      this.#close(streamId, 'failed');
    }).start();
  }

  /** Calls `listener` with every event from now on; the answer stops it. */
  listen(listener: (event: LedgerEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes back what was known before a restart. */
  restore(remembered: readonly RememberedBundle[]): void {
    const { bundles } = this.#context;
    bundles.restore(remembered.map(({ view }) => view));
    for (const { view, owed } of remembered) {
      for (const end of view.ends) this.#wipe(end);
      if (owed !== undefined) this.#reporter.restore(view, owed);
    }
  }

  /** Bundles that have ended, in whole or in part, and whose destruction this party has still to attest. */
  get owed(): number {
    return this.#reporter.owed;
  }

  /** Ended streams of a bundle whose destruction is not attested yet. */
  owedOf(bundleId: string): RememberedBundle['owed'] {
    return this.#reporter.owedOf(bundleId);
  }

  /** Takes one event, in the order of the ledger. */
  apply(event: LedgerEvent): void {
    const arrivedAtMs = this.#isLive ? this.#context.clock.monotonicMs() : undefined;
    const { directory, bundles, observer } = this.#context;
    directory.apply(event);
    // Keys and connections of what ends are gone before anybody is told.
    if (event.name === EVENTS.streamsEnded)
      for (const end of event.payload.ends) {
        this.#wipe(end, arrivedAtMs);
        this.#reporter.ended(bundles.get(end.bundleId), end.index);
      }
    bundles.apply(event);
    if (event.name === EVENTS.dealingsRecorded) this.#activated(event.payload.record.bundleId);
    if (event.name === EVENTS.destructionAttested) this.#reporter.attested(event.payload.record);
    observer.onEvent?.(event);
    for (const listener of [...this.#listeners]) listener(event);
  }

  #activated(bundleId: string): void {
    const view = this.#context.bundles.get(bundleId);
    if (view === undefined || !this.#isLive) return;
    this.#keys.activated(view);
    if (view.bundle.initiator === this.#context.keys.nodeId) void this.#keys.keepCollecting(bundleId);
    else this.#provider.activated(view);
  }

  #wipe(
    { bundleId, index, reason }: Pick<EndRecord, 'bundleId' | 'index' | 'reason'>,
    arrivedAtMs?: number,
  ): void {
    const { bundles, clock } = this.#context;
    const view = bundles.get(bundleId);
    if (view === undefined) return;
    // Before the start nothing is open, and what is past its time needs no tombstone: its credentials are refused anyway.
    if (!this.#isLive && clock.nowUnixMs() >= view.bundle.notAfterUnixMs) return;
    const indices = index === undefined ? indicesOf(view) : [index];
    for (const each of indices) this.#close(formatStreamId({ bundleId, index: each }), reason, arrivedAtMs);
  }

  #close(streamId: string, reason: EndReason, arrivedAtMs?: number): void {
    this.#context.live.end(streamId, reason, arrivedAtMs);
    this.#keys.end(streamId);
  }
}
