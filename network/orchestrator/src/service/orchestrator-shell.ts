import { FIRST_EPOCH, bundlesOf, nodeOf, type LedgerEvent } from '@eko/protocol/ledger';
import { DueBundles, type BundleBook } from '@eko/node-kit';
import type { Checkpoint } from '@eko/sdk';
import {
  OwnEvents,
  isConsent,
  type AttestationSender,
  type EventConsumer,
  type OwedDestruction,
} from '@eko/sdk/node';
import { applyLedgerEvent } from '../core/apply-ledger-event';
import { expireBundle } from '../core/expire-bundle';
import { destroyedDealings, emptyOutbox, withdrawEnded, type OutboxEffect } from '../core/abandon-dealings';
import type { LeadEffect, LeadEvent, LeadMoment, LeadTimes } from '../core/lead-messages';
import type { LeadBudget } from '../core/lead-budget';
import { leadStep, scheduleLead } from '../core/lead-step';
import {
  hasPart,
  isFinished,
  isOver,
  restsUntilUnixMs,
  type OrchestratorState,
} from '../core/orchestrator-state';
import type { OrchestratorObserver } from './orchestrator-observer';
import type { Outbox, OutboxKey } from './outbox';
import type { Dealer } from './dealer';
import type { DeliveryLanes } from './delivery-lanes';
import type { LeadRunner } from './lead-runner';
import type { LedgerRegistry } from './ledger-registry';
import type { VrfProver } from './vrf-prover';

/** What the shell needs. */
export interface OrchestratorShellDeps {
  readonly nodeId: string;
  readonly attestations: Pick<AttestationSender, 'turn'>;
  readonly book: BundleBook<OrchestratorState>;
  readonly checkpoint: Checkpoint | undefined;
  readonly registry: LedgerRegistry;
  readonly outbox: Outbox;
  readonly dealer: Dealer;
  readonly prover: Pick<VrfProver, 'prepare'>;
  readonly lanes: DeliveryLanes;
  readonly leads: LeadRunner;
  readonly times: LeadTimes;
  readonly budget: LeadBudget;
  readonly monotonicMs: () => number;
  readonly nowUnixMs: () => number;
  readonly observer: OrchestratorObserver;
}

type Effect = OutboxEffect | LeadEffect;

/** Performs what the core decides: feeds it ledger events, time and the answers of peers; delivers, destroys, attests. */
export class OrchestratorShell implements EventConsumer {
  readonly #deps: OrchestratorShellDeps;
  readonly #own: OwnEvents;
  readonly #due: DueBundles<OrchestratorState>;
  /** Of which something was destroyed here and the ledger does not say so yet. */
  readonly #owing: DueBundles<OrchestratorState>;
  readonly #underWay = new Set<Promise<void>>();
  /** Bundles whose turn has come and found no room. */
  readonly #waitingForRoom = new Set<string>();
  /** What failed on the outbox; the next tick performs it again. */
  readonly #failed: OutboxEffect[] = [];
  /** Whether this node leads and ends bundles: not before it has seen the whole ledger, nor while it stops. */
  #isLeading = false;

  constructor(deps: OrchestratorShellDeps) {
    this.#deps = deps;
    const { nodeId, book } = deps;
    this.#due = new DueBundles(book, restsUntilUnixMs);
    this.#owing = new DueBundles(book, ({ owesAttestation }) => (owesAttestation ? 0 : Infinity));
    this.#own = new OwnEvents({ nodeId, knows: (bundleId) => book.get(bundleId) !== undefined });
  }

  /**
   * Takes up what the last run left: recorded dealings are delivered on, everything that no bundle speaks for is
   * destroyed, and every lead is scheduled anew. What was abandoned and not destroyed by then is attested only now. Call
   * before events come.
   */
  async resume(): Promise<void> {
    const { book, outbox, nodeId, times } = this.#deps;
    for (const { bundleId, dealingId } of await outbox.list()) {
      const state = book.get(bundleId);
      const recorded = state?.record?.dealings;
      const isWanted =
        state !== undefined &&
        !isOver(state) &&
        recorded?.some((dealing) => dealing.dealingId === dealingId) !== false;
      if (!isWanted) await outbox.destroy(bundleId, [dealingId]);
      else book.amend(bundleId, { ...state, outbox: [...state.outbox, dealingId] });
    }
    const finished: string[] = [];
    for (const state of [...book.all()]) {
      const { bundleId } = state.bundle;
      const { next } = isOver(state) ? emptyOutbox(state, nodeId) : { next: state };
      if (next !== state) book.set(bundleId, next);
      book.amend(bundleId, scheduleLead(next, this.#moment(), times));
      if (isFinished(next, nodeId)) finished.push(bundleId);
      // A crash may have come between the end of some streams and the destruction.
      for (const effect of withdrawEnded(next, nodeId)) await this.#performOnOutbox(effect);
    }
    if (finished.length > 0) await book.write(finished);
    for await (const { key, holder } of outbox.allWaiting()) {
      const state = book.get(key.bundleId);
      if (state?.record === undefined || !state.outbox.includes(key.dealingId)) continue;
      if (holder === undefined) this.#startOnOutbox({ kind: 'deliver', ...key });
      else this.#deliverTo(key, [holder], state);
    }
  }

  checkpoint(): Promise<Checkpoint | undefined> {
    return Promise.resolve(this.#deps.checkpoint);
  }

  async apply(event: LedgerEvent, checkpoint: Checkpoint): Promise<void> {
    const { book, registry, times } = this.#deps;
    registry.apply(event);
    const changed: string[] = [];
    for (const bundleId of bundlesOf(event)) {
      // Read again to hear once more of bundles that others were to deal.
      if (book.isPast(bundleId, checkpoint)) continue;
      const before = book.get(bundleId);
      const { next, effects } = applyLedgerEvent(before, event, bundleId, this.#moment(), times);
      if (next === undefined) continue;
      if (next !== before) {
        if (before === undefined) book.hear(bundleId, next);
        if (!this.#isOthers(next)) changed.push(bundleId);
        this.#set(next);
      }
      if (next.record !== undefined || isOver(next)) this.#forget(bundleId);
      for (const effect of effects) await this.#performOnOutbox(effect);
      // Time and peers may have changed it while the disk worked.
      this.#tickBundle(bundleId);
      const present = book.get(bundleId);
      if (this.#isLeading && present !== undefined && present.lead.kind !== 'idle')
        this.#deps.prover.prepare(present);
    }
    if (changed.length > 0) await book.keep(changed, checkpoint, nodeOf(event));
    else await book.pass(checkpoint, nodeOf(event));
  }

  /** Begins to lead. Before that, events only say what there is: the ledger's past is not to be dealt again. */
  lead(): void {
    this.#isLeading = true;
    this.tick();
  }

  /** Another orchestrator asked this node to prove or to deal, or was answered: it leads. */
  asked(bundleId: string, by: string): void {
    this.#feed(bundleId, { kind: 'asked', by });
  }

  /** Lets time pass for every bundle that it concerns, and tries again what failed on the outbox. */
  tick(): void {
    if (!this.#isLeading) return;
    for (const effect of this.#failed.splice(0)) this.#startOnOutbox(effect);
    // One bundle's step may make room for another: each is read when its turn comes.
    for (const bundleId of this.#due.at(this.#deps.nowUnixMs())) this.#tickBundle(bundleId);
  }

  /** Attests what was destroyed and ended. */
  async attest(): Promise<void> {
    const { attestations, book } = this.#deps;
    await attestations.turn(
      owedAttestations(this.#owing.at(0).flatMap((bundleId) => book.get(bundleId) ?? [])),
    );
  }

  /**
   * Until its dealings are recorded, each bundle that was consented to may need this node: to ask for the next set, and to be
   * in it. Everything else concerns it only by its name, or in a bundle that it knows.
   */
  readonly passing: NonNullable<EventConsumer['passing']> = {
    isWanted: (event) => isConsent(event) || this.#own.mayConcern(event),
    pass: (checkpoint) => this.#deps.book.pass(checkpoint),
  };

  /** Stops leading and waits for what is under way. */
  async stop(): Promise<void> {
    this.#isLeading = false;
    this.#deps.leads.stop();
    this.#deps.dealer.stop();
    await this.#deps.lanes.stop();
    await Promise.all(this.#underWay);
    await this.#deps.book.written();
  }

  #moment(): LeadMoment {
    const { nodeId, monotonicMs, nowUnixMs } = this.#deps;
    return { nodeId, monotonicMs: monotonicMs(), unixMs: nowUnixMs() };
  }

  #tickBundle(bundleId: string): void {
    const state = this.#deps.book.get(bundleId);
    if (state === undefined || !this.#isLeading) return;
    const expired = expireBundle(state, this.#moment());
    if (expired.next !== state) {
      this.#take(expired.next, expired.effects);
      if (isOver(expired.next)) this.#forget(bundleId);
    } else {
      const hasRoom = this.#deps.budget.hasRoomFor(state);
      if (!hasRoom && isDue(state, this.#moment())) this.#waitingForRoom.add(bundleId);
      this.#feed(bundleId, { kind: 'tick', hasRoom });
    }
  }

  #feed(bundleId: string, event: LeadEvent): void {
    const { book, registry, nodeId } = this.#deps;
    const state = book.get(bundleId);
    if (state === undefined || !this.#isLeading) return;
    // The ledger takes no dealing of a retired node: others, who see it retired as well, lead instead.
    if (registry.node(nodeId)?.status === 'retired') return;
    const { next, effects } = leadStep(state, event, this.#moment(), this.#deps.times);
    if (next !== state) this.#take(next, effects);
  }

  #take(next: OrchestratorState, effects: readonly Effect[]): void {
    this.#set(next);
    for (const effect of effects) this.#start(next, effect);
  }

  /** A bundle in which this node has no part is kept in memory alone, until it needs nobody any more. */
  #set(next: OrchestratorState): void {
    const { book, nodeId } = this.#deps;
    const { bundleId } = next.bundle;
    if (!this.#isOthers(next)) book.set(bundleId, next);
    else if (isFinished(next, nodeId)) book.drop(bundleId);
    else book.amend(bundleId, next);
    if (!this.#deps.budget.note(next)) return;
    for (const bundleId of this.#waitingForRoom) {
      this.#waitingForRoom.delete(bundleId);
      this.#tickBundle(bundleId);
      // Whoever found no room waits again, at the end.
      if (this.#waitingForRoom.has(bundleId)) return;
    }
  }

  #isOthers(state: OrchestratorState): boolean {
    const { book, nodeId } = this.#deps;
    return book.isHeard(state.bundle.bundleId) && !hasPart(state, nodeId);
  }

  /** Performs an effect in the background; what it leads to comes back as an event. */
  #start(state: OrchestratorState, effect: Effect): void {
    if (isOnOutbox(effect)) this.#startOnOutbox(effect);
    else this.#runInBackground(effect, this.#performLead(state, effect));
  }

  #startOnOutbox(effect: OutboxEffect): void {
    this.#runInBackground(effect, this.#performAndWrite(effect));
  }

  #runInBackground({ kind }: Effect, performing: Promise<void>): void {
    const work = performing
      .catch((error: unknown) => {
        this.#deps.observer.warned(`performing ${kind} failed`, error);
      })
      .finally(() => this.#underWay.delete(work));
    this.#underWay.add(work);
  }

  async #performLead(state: OrchestratorState, effect: LeadEffect): Promise<void> {
    const event = await this.#deps.leads.perform(state, effect);
    if (event !== undefined) this.#feed(state.bundle.bundleId, event);
  }

  async #performAndWrite(effect: OutboxEffect): Promise<void> {
    const isDone = await this.#performOnOutbox(effect);
    // The book forgets what is finished when it writes it.
    if (isDone && effect.kind === 'destroy') await this.#deps.book.write([effect.bundleId]);
  }

  /** Tells whether it was done; if not, a later tick does it. */
  async #performOnOutbox(effect: OutboxEffect): Promise<boolean> {
    try {
      if (effect.kind === 'destroy') await this.#destroy(effect);
      else if (effect.kind === 'deliver') await this.#deliver(effect);
      else await this.#deps.outbox.release(effect, effect.holders);
      return true;
    } catch (error) {
      this.#deps.observer.warned(`performing ${effect.kind} failed`, error);
      this.#failed.push(effect);
      return false;
    }
  }

  async #destroy({ bundleId, dealingIds }: Extract<OutboxEffect, { kind: 'destroy' }>): Promise<void> {
    const { book, outbox, nodeId, observer } = this.#deps;
    await outbox.destroy(bundleId, dealingIds);
    const state = book.get(bundleId);
    if (state !== undefined) this.#set(destroyedDealings(state, dealingIds, nodeId));
    observer.destroyed(bundleId, dealingIds.length);
  }

  async #deliver({ bundleId, dealingId }: Extract<OutboxEffect, { kind: 'deliver' }>): Promise<void> {
    const { book, outbox } = this.#deps;
    const key = { bundleId, dealingId };
    const holders = await outbox.waiting(key);
    const state = book.get(bundleId);
    if (state !== undefined) this.#deliverTo(key, holders, state);
  }

  /** The parties' envelopes stay: they come for them. */
  #deliverTo(key: OutboxKey, holders: readonly string[], { record }: OrchestratorState): void {
    const drawn = record?.selection.witnesses ?? [];
    for (const holder of holders) if (drawn.includes(holder)) this.#deps.lanes.add(key, holder);
  }

  #forget(bundleId: string): void {
    this.#deps.dealer.forget(bundleId);
    this.#deps.leads.forget(bundleId);
  }
}

function isOnOutbox(effect: Effect): effect is OutboxEffect {
  return effect.kind === 'deliver' || effect.kind === 'withdraw' || effect.kind === 'destroy';
}

function isDue({ lead }: OrchestratorState, { monotonicMs }: LeadMoment): boolean {
  return lead.kind === 'waiting' && lead.leadAtMonotonicMs <= monotonicMs;
}

/** What this node destroyed and the ledger has ended. Who had the dealings recorded gathers the attestations. */
function* owedAttestations(bundles: Iterable<OrchestratorState>): Iterable<OwedDestruction> {
  for (const state of bundles) {
    if (!state.owesAttestation || state.destroying.length > 0 || !isOver(state)) continue;
    const { bundleId } = state.bundle;
    yield { bundleId, epoch: FIRST_EPOCH, streams: 'all', gatherer: state.record?.by };
  }
}
