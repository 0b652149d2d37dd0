import { EkoError, SecretBytes, type ErrorCode } from '@eko/protocol';
import { VrfMemory, deriveVrfPublicKey, nobleVrfCurve } from '@eko/protocol/crypto';
import { parseWith } from '@eko/protocol/encoding';
import { recomputeSelection, type RecordDealings, type Selection } from '@eko/protocol/ledger';
import { DealRequest, VrfProofRequest, NODE_ROUTES } from '@eko/protocol/rest';
import { newEd25519Signer, nodeHpkePrimitives } from '@eko/protocol/node';
import { BundleBook, StoredBundles, type KeyValueStore } from '@eko/node-kit';
import { AttestationSender, NodeDirectory, type PeerCall } from '@eko/sdk/node';
import { orchestratorStateForm } from '../../../network/orchestrator/src/service/bundle-form';
import { Dealer } from '../../../network/orchestrator/src/service/dealer';
import { DeliveryLanes } from '../../../network/orchestrator/src/service/delivery-lanes';
import { LeadRunner } from '../../../network/orchestrator/src/service/lead-runner';
import { LedgerRegistry } from '../../../network/orchestrator/src/service/ledger-registry';
import { OrchestratorShell } from '../../../network/orchestrator/src/service/orchestrator-shell';
import { Outbox } from '../../../network/orchestrator/src/service/outbox';
import { VrfProver } from '../../../network/orchestrator/src/service/vrf-prover';
import { LeadBudget } from '../../../network/orchestrator/src/core/lead-budget';
import { isFinished } from '../../../network/orchestrator/src/core/orchestrator-state';
import type { EnvelopeCourier } from '../../../network/orchestrator/src/service/delivery-lanes';
import { assignmentRecord } from '../../support/data/ledger-facts';
import { MemoryStore } from '../../support/simulated/memory-store';
import type { SeededRandom } from '../../support/random';
import {
  CHANNEL,
  DEALER_SEED,
  FakeRegistry,
  WITNESSES,
  dealtBundle,
} from '../../support/simulated/dealer-harness';
import { ForgingLead, isSignedForLedger } from './forging-lead';
import { LedgerModel, REQUESTED_AT_UNIX_MS } from '../../support/simulated/ledger-model';
import { MemoryEnvelopes } from '../../support/simulated/memory-envelopes';
import { newMortalLedger } from './mortal-ledger';
import { MortalStore } from './mortal-store';
import { nextTurn, refuseDead } from '../../support/simulated/process-life';
import { RecordingObserver } from '../../support/simulated/recording-observer';

const NODES = ['orchestrator-a', 'orchestrator-b', 'orchestrator-c', 'orchestrator-d'];
const TIMES = { leadSilenceMs: 3_000, attemptMs: 8_000, retryMs: 300, setupMs: 60_000 };

/** One life of an orchestrator's process. What it had under way when it was killed comes to nothing. */
interface Life {
  isAlive: boolean;
  readonly shell: OrchestratorShell;
  readonly dealer: Dealer;
  readonly store: MortalStore;
}

interface SimulatedNode {
  readonly nodeId: string;
  readonly store: MemoryStore;
  readonly observer: RecordingObserver;
  seen: number;
  life: Life | undefined;
}

/**
 * Whole orchestrators, with real dealings and real stores in memory, over a model of the ledger, peers and witnesses
 * that fail by chance: one bundle, driven step by step.
 */
export class SimulatedOrchestrators {
  readonly ledger: LedgerModel;
  readonly nodes: readonly SimulatedNode[];
  /** Which witnesses have acknowledged which dealing. */
  readonly held = new Map<string, Set<string>>();
  readonly forger = new ForgingLead();
  readonly #provers = new Map<string, VrfProver>();
  readonly #registry = new FakeRegistry(NODES, WITNESSES);
  readonly #random: SeededRandom;
  readonly #bundle = dealtBundle();
  /** How often a witness refuses a delivery for good: few or many dealings fail in one life. */
  readonly #refusals: number;
  #clockMs = 0;
  /** Whether nothing fails any more. */
  isHealed = false;

  constructor(random: SeededRandom) {
    this.#random = random;
    this.#refusals = random.pick([0.05, 0.4]);
    this.ledger = new LedgerModel(
      NODES,
      (argument) => this.#selectionOf(argument),
      this.#bundle,
      (argument, selection) => isSignedForLedger(this.#bundle, argument, selection),
    );
    this.nodes = NODES.map((nodeId) => ({
      nodeId,
      store: new MemoryStore(),
      observer: new RecordingObserver(),
      seen: 0,
      life: undefined,
    }));
  }

  get unixMs(): number {
    return REQUESTED_AT_UNIX_MS + this.#clockMs;
  }

  advance(milliseconds: number): void {
    this.#clockMs += milliseconds;
  }

  /** Starts a node on what its store holds. */
  async start(node: SimulatedNode): Promise<void> {
    const life = await this.#newLife(node);
    node.life = life;
    await life.shell.resume();
    life.shell.lead();
    const place = await life.shell.checkpoint();
    node.seen = place === undefined ? 0 : Number(place.blockNumber);
  }

  /** Kills a node between any two steps; now and then the power goes. */
  async kill(node: SimulatedNode): Promise<void> {
    const { life } = node;
    if (life === undefined) return;
    node.life = undefined;
    life.isAlive = false;
    life.dealer.stop();
    await life.store.kill(this.#random.chance(0.5));
  }

  /** Gives a node the next event of the ledger, if there is one. */
  async feed(node: SimulatedNode): Promise<void> {
    const event = this.ledger.chain[node.seen];
    if (event === undefined || node.life === undefined) return;
    node.seen += 1;
    const { blockNumber, txId } = event;
    await node.life.shell.apply(event, { channel: CHANNEL, chaincode: 'eko', blockNumber, txId });
  }

  /** The dealings of a node's store, whether it runs or not. */
  async storedDealings(node: SimulatedNode): Promise<readonly string[]> {
    return (await outboxOf(node.store).list()).map(({ dealingId }) => dealingId);
  }

  /** Who can still collect a dealing from a node's store. */
  async waiting(node: SimulatedNode, dealingId: string): Promise<readonly string[]> {
    return outboxOf(node.store).waiting({ bundleId: this.#bundle.bundleId, dealingId });
  }

  /** Lets the forger try; the ledger's refusal, or `undefined` where it has none. `'NOT_FOUND'`: nothing to try with. */
  forge(): ErrorCode | undefined {
    const { assigned, fence, state } = this.ledger;
    const proofs = this.#registry.proofs(this.#bundle, [...assigned], assignmentRecord({ fence }));
    const argument = this.forger.argument({ assigned, fence, proofs, bundleId: this.#bundle.bundleId });
    if (argument === undefined || state !== 'accepted') return 'NOT_FOUND';
    return this.ledger.recordDealings(assigned[0] ?? '', argument, this.unixMs);
  }

  #fails(probability: number): boolean {
    return !this.isHealed && this.#random.chance(probability);
  }

  #selectionOf({ proofs, fence }: RecordDealings): Selection {
    return recomputeSelection({
      channel: CHANNEL,
      bundle: this.#bundle,
      assignment: assignmentRecord({ fence }),
      proofs,
      vrfKey: (nodeId) => this.#registry.node(nodeId)?.keys.vrf,
      roster: WITNESSES.map((nodeId) => ({ nodeId, mspId: 'Org1MSP', since: 1 })),
    });
  }

  async #newLife(node: SimulatedNode): Promise<Life> {
    const { nodeId, observer } = node;
    const alive: { isAlive: boolean } = { isAlive: true };
    const store = new MortalStore(node.store);
    const { book, checkpoint } = await BundleBook.open(
      new StoredBundles(store, orchestratorStateForm),
      (state) => isFinished(state, nodeId),
    );
    const outbox = outboxOf(store);
    const nowUnixMs = (): number => this.unixMs;
    const pause = (): Promise<void> => nextTurn();
    const courier: EnvelopeCourier = {
      deliver: async (delivery, holder) => {
        await nextTurn();
        refuseDead(alive);
        this.forger.see(delivery);
        if (this.#fails(this.#refusals))
          throw new EkoError('ENVELOPE_INVALID', 'The witness will not take it');
        if (this.#fails(0.15)) throw new EkoError('PEER_UNAVAILABLE', 'The witness is away');
        const { dealingId } = delivery.dealing;
        this.held.set(dealingId, (this.held.get(dealingId) ?? new Set()).add(holder));
        if (this.#fails(0.05)) throw new EkoError('DEADLINE_EXCEEDED', 'The acknowledgement was lost');
      },
    };
    const ledger = newMortalLedger({
      nodeId,
      alive,
      model: this.ledger,
      nowUnixMs,
      fails: (probability) => this.#fails(probability),
    });
    const { vrfSeeds } = this.#registry;
    const vrfSeed = vrfSeeds.get(nodeId);
    if (vrfSeed === undefined) throw new RangeError('no seed');
    const proofs = new VrfMemory(8);
    const prover = new VrfProver({
      nodeId,
      channel: CHANNEL,
      book,
      vrfSeed,
      curve: nobleVrfCurve,
      vrfKey: deriveVrfPublicKey(vrfSeed),
      memory: proofs,
      nowUnixMs,
      eventWaitMs: 0,
      yieldToEventLoop: nextTurn,
    });
    const dealer = new Dealer({
      nodeId,
      channel: CHANNEL,
      book,
      registry: this.#registry,
      proofs,
      outbox,
      courier,
      observer,
      nowUnixMs,
      pause,
      eventWaitMs: 0,
      deliveryMs: 1_000,
      random: (length) => crypto.getRandomValues(new Uint8Array(length)),
      primitives: nodeHpkePrimitives,
      sign: newEd25519Signer(new SecretBytes('sign seed', Uint8Array.from(DEALER_SEED))),
      yieldToEventLoop: nextTurn,
    });
    const lanes = new DeliveryLanes({ outbox, courier, pause, observer });
    const leads = new LeadRunner({
      nodeId,
      ledger,
      registry: this.#registry,
      peers: {
        call: async (call) => parseWith(call.answerSchema, await this.#answer(nodeId, call, alive), 'answer'),
      },
      verify: () => true,
      dealer,
      prove: (request, signal) => prover.prove(nodeId, request, signal),
      observer,
      proofMs: 1_000,
      dealingMs: 1_000,
      submitMs: 1_000,
    });
    const attestations = new AttestationSender({
      nodeId,
      sign: newEd25519Signer(new SecretBytes('sign seed', Uint8Array.from(DEALER_SEED))),
      ledger,
      monotonicMs: () => this.#clockMs,
      observer: { submitted: () => undefined, refused: () => undefined },
    });
    const shell = new OrchestratorShell({
      nodeId,
      attestations,
      book,
      checkpoint,
      registry: new LedgerRegistry(new NodeDirectory(), ledger, pause),
      outbox,
      dealer,
      prover,
      lanes,
      leads,
      times: TIMES,
      budget: new LeadBudget(1),
      monotonicMs: () => this.#clockMs,
      nowUnixMs,
      observer,
    });
    this.#provers.set(nodeId, prover);
    return Object.assign(alive, { shell, dealer, store });
  }

  /** What a peer answers, if the call and the answer arrive. */
  async #answer(
    sender: string,
    call: Pick<PeerCall<never>, 'node' | 'route' | 'body'>,
    alive: { readonly isAlive: boolean },
  ): Promise<unknown> {
    await nextTurn();
    const peer = this.nodes.find(({ nodeId }) => nodeId === call.node.nodeId);
    if (peer?.life === undefined || this.#fails(0.1)) {
      throw new EkoError('PEER_UNAVAILABLE', 'The peer is away');
    }
    const { signal } = new AbortController();
    const answer =
      call.route === NODE_ROUTES.vrfProof
        ? await this.#provers
            .get(peer.nodeId)
            ?.prove(sender, parseWith(VrfProofRequest, call.body, 'request'), signal)
        : (await peer.life.dealer.deal(sender, parseWith(DealRequest, call.body, 'request'), signal)).dealing;
    peer.life.shell.asked(this.#bundle.bundleId, sender);
    refuseDead(alive);
    if (this.#fails(0.1)) throw new EkoError('DEADLINE_EXCEEDED', 'The answer was lost');
    return answer;
  }
}

function outboxOf(store: KeyValueStore): Outbox {
  return new Outbox(store, new MemoryEnvelopes(store));
}
