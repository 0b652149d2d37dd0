import { EkoError, LIMITS } from '@eko/protocol';
import { LABELS, abandonmentStatement, signRecord, type VrfMemory } from '@eko/protocol/crypto';
import { decodeBase64Url } from '@eko/protocol/encoding';
import {
  recomputeSelection,
  settledEntries,
  type Abandonment,
  type ChosenRole,
  type NodeRecord,
  type RosterEntry,
  type Selection,
  type VrfProof,
} from '@eko/protocol/ledger';
import type { DealRequest, EnvelopeDelivery } from '@eko/protocol/rest';
import type { BundleBook } from '@eko/node-kit';
import type { Pause } from '@eko/sdk/node';
import {
  completeDealing,
  newDealing,
  type CompleteDealing,
  type DealingPlan,
  type DealingTools,
  type NewDealing,
} from '../core/new-dealing';
import { awaitsDealings, type OrchestratorState } from '../core/orchestrator-state';
import { requireOutboxRoom } from '../core/outbox-room';
import { checkDealRequest, requireDealable } from '../core/require-dealable';
import type { OrchestratorObserver } from './orchestrator-observer';
import type { EnvelopeCourier } from './delivery-lanes';
import type { Outbox } from './outbox';
import { deliverToQuorum } from './deliver-to-quorum';
import { newStopController } from './stop-controller';

/** The ledger's registry as a dealer needs it. */
export interface Registry {
  /** The node of that name, active or retired, as far as its registration was seen. */
  node(nodeId: string): NodeRecord | undefined;
  /**
   * The eligible nodes of a role, and those that left lately.
   *
   * @param version - the roster's version that must be contained, as a bundle's record names it
   * @throws EkoError where the ledger does not answer, or does not have that version yet
   */
  roster(role: ChosenRole, version: number): Promise<readonly RosterEntry[]>;
}

/** What dealing needs. */
export interface DealerDeps extends DealingTools {
  readonly nodeId: string;
  readonly channel: string;
  readonly book: BundleBook<OrchestratorState>;
  readonly registry: Registry;
  readonly proofs: Pick<VrfMemory, 'verify'>;
  readonly outbox: Outbox;
  readonly courier: EnvelopeCourier;
  readonly nowUnixMs: () => number;
  readonly pause: Pause;
  /** How long to wait for the ledger event that a request may run ahead of. */
  readonly eventWaitMs: number;
  /** How long the witnesses have to acknowledge a dealing. */
  readonly deliveryMs: number;
  readonly observer: OrchestratorObserver;
}

/** A dealing of this node that is under way or complete. */
interface OwnDealing {
  readonly fence: number;
  readonly work: Promise<CompleteDealing>;
  /** Of a complete one: its holders, which a later draw must give again. */
  holders?: readonly string[];
}

/** What this node abandoned under one assignment, the newest last. */
interface AbandonedDealings {
  readonly fence: number;
  readonly list: readonly Abandonment[];
}

/**
 * Deals bundles: checks who asks, draws the witnesses again, makes a dealing, stores its envelopes, delivers them, and
 * signs it for the ledger and answers once a quorum has it.
 *
 * An assignment has one dealing of this node, whoever leads: who asks while it is under way joins it, and who asks later
 * gets the complete one. One that failed is dealt again, with fresh contributions. What is signed for the ledger is never
 * abandoned: a lead may have it recorded at any time. What is abandoned was never signed for the ledger, and never is.
 */
export class Dealer {
  readonly #deps: DealerDeps;
  /** By bundle. */
  readonly #dealings = new Map<string, OwnDealing>();
  /** By bundle: what the witnesses need not keep for this node any more. */
  readonly #abandoned = new Map<string, AbandonedDealings>();
  readonly #stopping = newStopController();

  constructor(deps: DealerDeps) {
    this.#deps = deps;
  }

  /**
   * Deals for a lead; the lead may be this node itself.
   *
   * @param sender - node ID of the lead
   * @param signal - ends the wait; the dealing goes on, for the lead may ask again
   * @throws EkoError those of `requireDealable`, `BAD_PROOF`, `POLICY_UNSATISFIABLE`, `RNG_FAILED`,
   *   `QUORUM_UNAVAILABLE` naming the silent, `STORE_FULL`, `CANCELLED`
   */
  async deal(sender: string, request: DealRequest, signal: AbortSignal): Promise<CompleteDealing> {
    const { book, eventWaitMs, yieldToEventLoop } = this.#deps;
    const { bundleId, fence } = request;
    await book.until(() => this.#isInView(request), eventWaitMs, signal);
    const state = this.#require(sender, request);
    checkDealRequest(state, request);
    // The rosters may still have to come from the ledger.
    await this.#rosters(state);
    // What was asked of others goes out before this takes the processor.
    await yieldToEventLoop();
    const selection = await this.verifyProofs(this.#require(sender, request), request.proofs);
    const known = this.#dealings.get(bundleId);
    if (known?.fence === fence && (known.holders === undefined || isOf(known.holders, selection))) {
      return known.work;
    }
    const work = this.#deal(sender, request, selection);
    const own: OwnDealing = { fence, work };
    this.#dealings.set(bundleId, own);
    try {
      const dealt = await work;
      own.holders = dealt.holders;
      return dealt;
    } catch (error) {
      if (this.#dealings.get(bundleId) === own) this.#dealings.delete(bundleId);
      throw error;
    }
  }

  /**
   * Draws the witnesses by these proofs, and verifies every one of them; nobody is believed.
   *
   * @throws EkoError `BAD_PROOF` naming the orchestrator, `POLICY_UNSATISFIABLE`, those of the registry
   * @see docs/protocol.md, "2. The draw"
   */
  async verifyProofs(
    state: Pick<OrchestratorState, 'bundle' | 'assignment'>,
    proofs: readonly VrfProof[],
  ): Promise<Selection> {
    const { registry, channel, proofs: known } = this.#deps;
    const { bundle, assignment } = state;
    const [orchestrators, witnesses] = await this.#rosters(state);
    // As the ledger counts them: an orchestrator that left, or changed its key after the request, proves nothing.
    const settled = new Set(
      settledEntries(orchestrators, bundle.orchestratorRosterVersion).map(({ nodeId }) => nodeId),
    );
    return recomputeSelection({
      channel,
      bundle,
      assignment,
      proofs,
      vrfKey: (nodeId) => (settled.has(nodeId) ? registry.node(nodeId)?.keys.vrf : undefined),
      roster: witnesses,
      verify: known.verify,
    });
  }

  /** Forgets the dealing of a bundle that was recorded or ended. */
  forget(bundleId: string): void {
    this.#dealings.delete(bundleId);
    this.#abandoned.delete(bundleId);
  }

  /** Ends deliveries under way. */
  stop(): void {
    this.#stopping.abort();
  }

  #isInView({ bundleId, fence }: DealRequest): boolean {
    const state = this.#deps.book.get(bundleId);
    return state !== undefined && state.assignment.fence >= fence;
  }

  #require(sender: string, { bundleId, fence }: DealRequest): OrchestratorState {
    const { book, nodeId, nowUnixMs } = this.#deps;
    return requireDealable({
      state: book.get(bundleId),
      fence,
      sender,
      nodeId,
      nowUnixMs: nowUnixMs(),
    });
  }

  /** Those of orchestrators and of witnesses, at least as they were at the request. */
  #rosters({
    bundle,
  }: Pick<OrchestratorState, 'bundle'>): Promise<[readonly RosterEntry[], readonly RosterEntry[]]> {
    const { registry } = this.#deps;
    return Promise.all([
      registry.roster('orchestrator', bundle.orchestratorRosterVersion),
      registry.roster('witness', bundle.rosterVersion),
    ]);
  }

  async #deal(sender: string, request: DealRequest, selection: Selection): Promise<CompleteDealing> {
    const { book, outbox, nodeId, channel, sign, observer } = this.#deps;
    const { bundleId, epoch, fence } = request;
    const { bundle } = this.#require(sender, request);
    requireOutboxRoom(book.all(), bundle);
    const holderKey = (holder: string): Uint8Array => this.#kemKeyOf(holder);
    const plan: DealingPlan = { channel, dealer: nodeId, bundle, epoch, fence, selection, holderKey };
    const dealt = await newDealing(plan, this.#deps);
    const { dealingId } = dealt.dealing;
    // After a restart, envelopes that no bundle speaks for are destroyed; what is signed for the ledger must be there.
    const written = book.write([bundleId]);
    // It is waited for below, and fails there.
    written.catch(() => undefined);
    await outbox.put(bundleId, dealt);
    try {
      // The ledger may have ended or dealt the bundle while the envelopes were written, or the bundle.
      this.#require(sender, request);
      // Before anything leaves: what the disk refuses is abandoned, and no witness is to hold it.
      await written;
      const state = this.#require(sender, request);
      book.set(bundleId, { ...state, outbox: [...state.outbox, dealingId] });
      await this.#deliver(bundle.policy.witnesses.quorum, selection.witnesses, bundleId, dealt);
    } catch (error) {
      await this.#abandon(plan, dealingId);
      throw error;
    }
    observer.dealt(bundleId, bundle.streams);
    return completeDealing(plan, dealt, sign);
  }

  async #deliver(
    quorum: number,
    witnesses: readonly string[],
    bundleId: string,
    dealt: NewDealing,
  ): Promise<void> {
    const { courier, outbox, deliveryMs, pause, observer } = this.#deps;
    const { dealingId } = dealt.dealing;
    const abandoned = this.#abandoned.get(bundleId);
    const body = deliveryBodies(bundleId, dealt, abandoned?.fence === dealt.fence ? abandoned.list : []);
    await deliverToQuorum({
      witnesses,
      quorum,
      deliver: (holder, signal) => courier.deliver(body(holder), holder, signal),
      onAcknowledged: (holder) => {
        observer.delivered(holder, undefined);
        outbox.release({ bundleId, dealingId }, [holder]).catch((error: unknown) => {
          observer.warned('an acknowledged envelope was not released', error);
        });
      },
      deadlineMs: deliveryMs,
      signal: this.#stopping.signal,
      pause,
    });
  }

  /**
   * What failed is never completed: its envelopes go, and the next request is dealt anew. Nobody can have it recorded,
   * because it was not signed for that.
   */
  async #abandon(plan: DealingPlan, dealingId: string): Promise<void> {
    const { book, outbox, observer } = this.#deps;
    const { bundleId } = plan.bundle;
    const state = book.get(bundleId);
    if (state !== undefined && awaitsDealings(state)) this.#rememberAbandoned(plan, dealingId);
    try {
      await outbox.destroy(bundleId, [dealingId]);
    } catch (error) {
      // It stays in the bundle's outbox: with the record or the end of the bundle it is destroyed again.
      observer.warned('an abandoned dealing was not destroyed', error);
      return;
    }
    const later = book.get(bundleId);
    if (later?.outbox.includes(dealingId) === true)
      book.set(bundleId, { ...later, outbox: later.outbox.filter((stored) => stored !== dealingId) });
  }

  #rememberAbandoned({ channel, bundle, epoch, fence, dealer }: DealingPlan, dealingId: string): void {
    const { bundleId, requestTxId } = bundle;
    const earlier = this.#abandoned.get(bundleId);
    // The witnesses drop by themselves what was dealt under an earlier assignment.
    if (earlier !== undefined && earlier.fence > fence) return;
    const statement = abandonmentStatement({
      channel,
      bundleId,
      epoch,
      fence,
      requestTxId,
      dealer,
      dealingId,
    });
    const signature = signRecord(LABELS.abandonmentSignature, statement, this.#deps.sign);
    const list = [...(earlier?.fence === fence ? earlier.list : []), { dealingId, signature }];
    this.#abandoned.set(bundleId, { fence, list: list.slice(-LIMITS.abandonedDealings) });
  }

  #kemKeyOf(holder: string): Uint8Array {
    const node = this.#deps.registry.node(holder);
    if (node === undefined)
      throw new EkoError('NOT_FOUND', `The registration of ${holder} has not been seen yet`);
    return decodeBase64Url(node.keys.kem.publicKey);
  }
}

function isOf(holders: readonly string[], selection: Selection): boolean {
  return holders.slice(2).join() === selection.witnesses.join();
}

function deliveryBodies(
  bundleId: string,
  dealt: NewDealing,
  abandoned: readonly Abandonment[],
): (holder: string) => EnvelopeDelivery {
  const { epoch, fence, dealing, deliverySignature, holders, envelopes } = dealt;
  return (holder) => {
    const envelope = envelopes[holders.indexOf(holder)];
    if (envelope === undefined) throw new RangeError('A drawn witness is no holder');
    return {
      bundleId,
      epoch,
      fence,
      dealing,
      signature: deliverySignature,
      holders: [...holders],
      envelope,
      sheet: dealt.sheet,
      ...(abandoned.length === 0 ? {} : { abandoned: [...abandoned] }),
    };
  };
}
