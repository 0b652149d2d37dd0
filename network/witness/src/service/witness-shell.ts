import { LIMITS, isEkoError } from '@eko/protocol';
import { TRANSACTIONS, bundlesOf, nodeOf, type LedgerEvent, FIRST_EPOCH } from '@eko/protocol/ledger';
import { DueBundles, type BundleBook } from '@eko/node-kit';
import type { Checkpoint, Ledger } from '@eko/sdk';
import {
  OwnEvents,
  isConsent,
  type AttestationSender,
  type EventConsumer,
  type OwedDestruction,
} from '@eko/sdk/node';
import {
  accusationsOf,
  applyLedgerEvent,
  dropUnrecorded,
  expireBundle,
  lapseBundle,
  type WitnessEffect,
  type WitnessStep,
} from '../core/apply-ledger-event';
import {
  attestable,
  hasPart,
  isDestructionDue,
  isFinished,
  restsUntilUnixMs,
  type HeldDealing,
  type WitnessState,
} from '../core/witness-state';
import { accuseDealer, type AccuseDeps } from './accuse-dealer';
import { destroyShares, destroyDropped, type DestroySharesDeps } from './destroy-shares';
import { nodeNamesOf } from './share-store';

/** What the shell tells those who watch it. */
export interface WitnessObserver extends Pick<AccuseDeps['observer'], 'accused' | 'unproved'> {
  misdealt(bundleId: string, dealer: string): void;
  destroyed(bundleId: string, shares: number): void;
  /** Shares that are to be destroyed are still there; it is tried again. */
  undestroyed(bundleId: string, error: unknown): void;
  warned(code: string): void;
}

/** What the shell needs. */
export interface WitnessShellDeps extends DestroySharesDeps, Omit<AccuseDeps, 'channel' | 'observer'> {
  readonly nodeId: string;
  readonly attestations: Pick<AttestationSender, 'turn'>;
  readonly ledger: Ledger;
  readonly checkpoint: Checkpoint | undefined;
  readonly monotonicMs: () => number;
  readonly nowUnixMs: () => number;
  readonly observer: WitnessObserver;
  /** How long a dealing may wait for the ledger. */
  readonly unrecordedLimitMs: number;
  /** Whether the ledger takes no more from this node than attestations and heartbeats. */
  readonly isRetired: () => boolean;
}

/** After expiry, so long the parties have the first say on the ledger, which takes it from nobody else earlier. */
const EXPIRY_GRACE_MS = LIMITS.clockSkewMs + 10_000;

/** Performs what the core decides: feeds it ledger events and time, destroys, writes, attests. */
export class WitnessShell implements EventConsumer {
  readonly #deps: WitnessShellDeps;
  readonly #own: OwnEvents;
  readonly #due: DueBundles<WitnessState>;
  /** Of which something was destroyed here and the ledger does not say so yet. */
  readonly #owing: DueBundles<WitnessState>;
  /** What failed and is done again with the next tick; those to destroy are known from their bundles. */
  #pendingDrops: (() => Promise<void>)[] = [];

  constructor(deps: WitnessShellDeps) {
    this.#deps = deps;
    const { nodeId, book } = deps;
    this.#due = new DueBundles(book, restsUntilUnixMs);
    this.#owing = new DueBundles(book, ({ unattested }) => (unattested.length > 0 ? 0 : Infinity));
    this.#own = new OwnEvents({ nodeId, knows: (bundleId) => book.get(bundleId) !== undefined });
  }

  /**
   * Repairs what a crash left between two steps: destroys every node that no bundle speaks for, cuts out what is over and
   * still stored, and proves what was not proved yet. Call before the port opens.
   */
  async sweep(): Promise<void> {
    const { book, shares } = this.#deps;
    const spokenFor = new Set<string>();
    for (const state of book.all()) {
      for (const dealing of state.held) {
        for (const name of nodeNamesOf(state.bundle.bundleId, dealing)) spokenFor.add(name);
      }
    }
    await shares.keepOnly(spokenFor);
    for (const state of [...book.all()])
      if (isDestructionDue(state)) await this.#destroy(state.bundle.bundleId);
    for (const state of book.all())
      for (const accusation of accusationsOf(state)) await this.#perform(accusation, state);
  }

  checkpoint(): Promise<Checkpoint | undefined> {
    return Promise.resolve(this.#deps.checkpoint);
  }

  async apply(event: LedgerEvent, checkpoint: Checkpoint): Promise<void> {
    const { book, nodeId, monotonicMs } = this.#deps;
    const changed: string[] = [];
    for (const bundleId of bundlesOf(event)) {
      // Read again to hear once more of bundles in which there may be a part yet.
      if (book.isPast(bundleId, checkpoint)) continue;
      const before = book.get(bundleId);
      const step = applyLedgerEvent(before, event, bundleId, { nodeId, monotonicMs: monotonicMs() });
      if (before === undefined && step.next !== undefined) book.hear(bundleId, step.next);
      else await this.#take(bundleId, step);
      if (step.next !== before && this.#isToBeWritten(bundleId)) changed.push(bundleId);
    }
    if (changed.length > 0) await book.keep(changed, checkpoint, nodeOf(event));
    else await book.pass(checkpoint, nodeOf(event));
  }

  /**
   * Until its draw is recorded, each bundle that was consented to may get this witness a part; its consent says what a
   * delivery is held against. Everything else concerns it only by its name, or in a bundle that it knows.
   */
  readonly passing: NonNullable<EventConsumer['passing']> = {
    isWanted: (event) => isConsent(event) || this.#own.mayConcern(event),
    pass: (checkpoint) => this.#deps.book.pass(checkpoint),
  };

  /** Lets time pass: expiry by this witness's own clock, dealings that never reached the ledger. */
  async tick(): Promise<void> {
    const { book, nowUnixMs, unrecordedLimitMs } = this.#deps;
    const pendingDrops = this.#pendingDrops;
    this.#pendingDrops = [];
    for (const drop of pendingDrops) await drop();
    const changed: string[] = [];
    for (const bundleId of this.#due.at(nowUnixMs())) {
      // As it is now: while the shares of another bundle were destroyed, the ledger may have said more of this one.
      const state = book.get(bundleId);
      if (state === undefined) continue;
      const step = [
        lapseBundle(state, nowUnixMs()),
        expireBundle(state, nowUnixMs()),
        dropUnrecorded(state, nowUnixMs(), unrecordedLimitMs),
      ].find(({ next }) => next !== state) ?? { next: state, effects: [] };
      if (step.next === state && !isDestructionDue(state)) continue;
      if (step.next === state) await this.#destroy(bundleId);
      else await this.#take(bundleId, step);
      if (this.#isToBeWritten(bundleId)) changed.push(bundleId);
    }
    if (changed.length > 0) await book.write(changed);
  }

  /** Tells the ledger what is owed to it. Apart from the ticks: what has to go on time must not wait for the ledger. */
  async settle(): Promise<void> {
    await Promise.all([this.attest(), this.#recordExpiries()]);
  }

  /** Attests what is owed. */
  async attest(): Promise<void> {
    const { attestations, book } = this.#deps;
    await attestations.turn(
      owedAttestations(this.#owing.at(0).flatMap((bundleId) => book.get(bundleId) ?? [])),
    );
  }

  /** Sets the state at once, so that an end counts from this moment; then destroys. */
  async #take(bundleId: string, step: WitnessStep): Promise<void> {
    const { book, nodeId } = this.#deps;
    const { next } = step;
    if (next !== undefined && book.isHeard(bundleId) && !hasPart(next, nodeId)) book.amend(bundleId, next);
    else if (next !== undefined) book.set(bundleId, next);
    for (const effect of step.effects) await this.#perform(effect, step.next);
  }

  /** A bundle in which this witness has no part is not written, and is forgotten once it can get none any more. */
  #isToBeWritten(bundleId: string): boolean {
    const { book, nodeId } = this.#deps;
    const state = book.get(bundleId);
    if (state === undefined) return false;
    if (!book.isHeard(bundleId) || hasPart(state, nodeId)) return true;
    if (isFinished(state, nodeId)) book.drop(bundleId);
    return false;
  }

  async #perform(effect: WitnessEffect, next: WitnessState | undefined): Promise<void> {
    switch (effect.kind) {
      case 'alarm':
        this.#deps.observer.misdealt(effect.bundleId, effect.dealer);
        return;
      case 'accuse': {
        const { channel } = this.#deps.ledger;
        if (next !== undefined) await accuseDealer({ ...this.#deps, channel }, next, effect.abandonment);
        return;
      }
      case 'drop':
        await this.#drop(effect.bundleId, effect.dealing);
        return;
      case 'destroy':
        await this.#destroy(effect.bundleId);
    }
  }

  /** A failure must not keep the ledger's next word from this witness; the next tick tries again. */
  async #destroy(bundleId: string): Promise<void> {
    const { observer } = this.#deps;
    try {
      const count = await destroyShares(this.#deps, bundleId);
      if (count > 0) observer.destroyed(bundleId, count);
    } catch (error) {
      observer.undestroyed(bundleId, error);
    }
  }

  async #drop(bundleId: string, dealing: HeldDealing): Promise<void> {
    try {
      await destroyDropped(this.#deps, bundleId, dealing);
    } catch (error) {
      this.#pendingDrops.push(() => this.#drop(bundleId, dealing));
      this.#deps.observer.undestroyed(bundleId, error);
    }
  }

  /** Writes an expiry on the ledger that neither party has written. */
  async #recordExpiries(): Promise<void> {
    const { book, nowUnixMs, ledger, observer, isRetired } = this.#deps;
    if (isRetired()) return;
    for (const bundleId of bundleIdsOf(book)) {
      const state = book.get(bundleId);
      if (state?.record === undefined || state.endedOnLedger === 'all') continue;
      const { bundle } = state;
      if (nowUnixMs() < bundle.notAfterUnixMs + EXPIRY_GRACE_MS) continue;
      try {
        await ledger.submit(TRANSACTIONS.endStream, {
          bundleId,
          streams: 'all',
          reason: 'expired',
        });
      } catch (error) {
        if (!isEkoError(error)) throw error;
        observer.warned(error.code);
      }
    }
  }
}

function bundleIdsOf(book: BundleBook<WitnessState>): readonly string[] {
  return [...book.all()].map(({ bundle }) => bundle.bundleId);
}

/** What is destroyed here, ended on the ledger and not yet attested there. Who had the dealings recorded gathers it. */
function* owedAttestations(bundles: Iterable<WitnessState>): Iterable<OwedDestruction> {
  for (const state of bundles) {
    const streams = attestable(state);
    if (streams !== 'all' && streams.length === 0) continue;
    yield {
      bundleId: state.bundle.bundleId,
      epoch: FIRST_EPOCH,
      streams: streams === 'all' ? 'all' : [...streams],
      gatherer: state.record?.by,
    };
  }
}
