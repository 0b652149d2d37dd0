import { EVENTS, TRANSACTIONS, bundlesOf, isEkoError, nodeOf, type LedgerEvent } from '@eko/protocol';
import { attestDestructions, type Attesting, type BundleBook, type NamedTurns } from '@eko/node-kit';
import type { Checkpoint, EventConsumer, Ledger } from '@eko/sdk';
import {
  accusationsOf,
  applyLedgerEvent,
  dropUnrecorded,
  expireBundle,
  type WitnessEffect,
  type WitnessStep,
} from '../core/apply-ledger-event';
import type { HeldDealing, WitnessedBundle } from '../core/witnessed-bundle';
import type { ShareKeeper } from '../ports/share-keeper';
import { accuseDealer, type Accusing } from './accuse-dealer';
import { owedAttestations } from './owed-attestations';
import { dealerTurn, shareNamesOf } from './share-names';

/** What the shell tells those who watch it. */
export interface WitnessObserver extends Pick<Accusing['observer'], 'accused' | 'unproved'> {
  misdealt(bundleId: string, dealer: string): void;
  destroyed(bundleId: string, shares: number): void;
  attested(bundles: number): void;
  troubled(code: string): void;
}

/** What the shell needs. */
export interface WitnessShellParts extends Attesting, Omit<Accusing, 'channel' | 'observer'> {
  readonly ledger: Ledger;
  readonly book: BundleBook<WitnessedBundle>;
  readonly shares: ShareKeeper;
  /** Shared with the taking of envelopes. */
  readonly turns: NamedTurns;
  readonly checkpoint: Checkpoint | undefined;
  readonly monotonicMs: () => number;
  readonly nowUnixMs: () => number;
  readonly observer: WitnessObserver;
  /** How long a dealing may wait for the ledger. */
  readonly unrecordedLimitMs: number;
  /** Whether the ledger takes no more from this node than attestations and heartbeats. */
  readonly isRetired: () => boolean;
}

/** After expiry, so long the parties have the first say on the ledger. */
const EXPIRY_GRACE_MS = 10_000;

/** Performs what the core decides: feeds it ledger events and time, destroys, writes, attests. */
export class WitnessShell implements EventConsumer {
  readonly #parts: WitnessShellParts;
  #attesting = false;

  constructor(parts: WitnessShellParts) {
    this.#parts = parts;
  }

  /**
   * Repairs what a crash left between two steps: destroys every share that no bundle speaks for, and proves what was not
   * proved yet. Call before the port opens.
   */
  async sweep(): Promise<void> {
    const { book, shares } = this.#parts;
    const spokenFor = new Set<string>();
    for (const state of book.all()) {
      for (const dealing of state.held) {
        for (const name of shareNamesOf(state.bundle.bundleId, dealing)) spokenFor.add(name);
      }
    }
    await shares.keepOnly(spokenFor);
    for (const state of book.all())
      for (const accusation of accusationsOf(state)) await this.#perform(accusation, state, state);
  }

  checkpoint(): Promise<Checkpoint | undefined> {
    return Promise.resolve(this.#parts.checkpoint);
  }

  async apply(event: LedgerEvent, checkpoint: Checkpoint): Promise<void> {
    const { book, nodeId, monotonicMs } = this.#parts;
    const bundleIds = bundlesOf(event);
    for (const bundleId of bundleIds) {
      const before = book.get(bundleId);
      const step = applyLedgerEvent(before, event, bundleId, { nodeId, monotonicMs: monotonicMs() });
      await this.#take(bundleId, before, step);
    }
    await book.keep(bundleIds, checkpoint, nodeOf(event));
    if (event.name === EVENTS.streamsEnded) void this.attest();
  }

  /** Lets time pass: expiry by this witness's own clock, dealings that never reached the ledger, attestations owed. */
  async tick(): Promise<void> {
    const { book, nowUnixMs, unrecordedLimitMs } = this.#parts;
    const changed: string[] = [];
    for (const bundleId of bundleIdsOf(book)) {
      // As it is now: while the shares of another bundle were destroyed, the ledger may have said more of this one.
      const state = book.get(bundleId);
      if (state === undefined) continue;
      const expired = expireBundle(state, nowUnixMs());
      const step = expired.next === state ? dropUnrecorded(state, nowUnixMs(), unrecordedLimitMs) : expired;
      if (step.next === state) continue;
      changed.push(bundleId);
      await this.#take(bundleId, state, step);
    }
    if (changed.length > 0) await book.write(changed);
    await Promise.all([this.attest(), this.#recordExpiries()]);
  }

  /** Attests what is owed, one batch at a time. */
  async attest(): Promise<void> {
    if (this.#attesting) return;
    const owed = owedAttestations(this.#parts.book.all());
    if (owed.length === 0) return;
    this.#attesting = true;
    try {
      const failure = await attestDestructions(this.#parts, owed);
      if (failure === undefined) this.#parts.observer.attested(owed.length);
      else this.#parts.observer.troubled(failure);
    } finally {
      this.#attesting = false;
    }
  }

  /** Sets the state at once, so that an end counts from this moment; then destroys. */
  async #take(bundleId: string, before: WitnessedBundle | undefined, step: WitnessStep): Promise<void> {
    if (step.next !== undefined) this.#parts.book.set(bundleId, step.next);
    for (const effect of step.effects) await this.#perform(effect, before, step.next);
  }

  async #perform(
    effect: WitnessEffect,
    before: WitnessedBundle | undefined,
    next: WitnessedBundle | undefined,
  ): Promise<void> {
    const { shares, observer } = this.#parts;
    switch (effect.kind) {
      case 'alarm':
        observer.misdealt(effect.bundleId, effect.dealer);
        return;
      case 'accuse': {
        const { channel } = this.#parts.ledger;
        if (next !== undefined) await accuseDealer({ ...this.#parts, channel }, next, effect.abandonment);
        return;
      }
      case 'drop':
        await this.#drop(effect.bundleId, effect.dealing);
        return;
      case 'destroy': {
        const names = (before?.held ?? []).flatMap((dealing) =>
          shareNamesOf(effect.bundleId, dealing, effect.streams),
        );
        await shares.shred(names);
        observer.destroyed(effect.bundleId, names.length);
      }
    }
  }

  /** Destroys the shares of a dealing that was given up here, unless it was delivered again meanwhile. */
  async #drop(bundleId: string, dealing: HeldDealing): Promise<void> {
    const { book, shares, turns } = this.#parts;
    await turns.take(dealerTurn(bundleId, dealing.dealer), async () => {
      const held = new Set(book.get(bundleId)?.held.flatMap((again) => shareNamesOf(bundleId, again)));
      await shares.shred(shareNamesOf(bundleId, dealing).filter((name) => !held.has(name)));
    });
  }

  /** Writes an expiry on the ledger that neither party has written. */
  async #recordExpiries(): Promise<void> {
    const { book, nowUnixMs, ledger, observer, isRetired } = this.#parts;
    if (isRetired()) return;
    for (const { bundle, record, endedOnLedger } of [...book.all()]) {
      if (record === undefined || endedOnLedger === 'all') continue;
      if (nowUnixMs() < bundle.notAfterUnixMs + EXPIRY_GRACE_MS) continue;
      try {
        await ledger.submit(TRANSACTIONS.endStream, {
          bundleId: bundle.bundleId,
          streams: 'all',
          reason: 'expired',
        });
      } catch (error) {
        if (!isEkoError(error)) throw error;
        observer.troubled(error.code);
      }
    }
  }
}

function bundleIdsOf(book: BundleBook<WitnessedBundle>): readonly string[] {
  return [...book.all()].map(({ bundle }) => bundle.bundleId);
}
