import { SecretBytes } from '@eko/protocol';
import { VrfMemory, deriveVrfPublicKey, proveVrf } from '@eko/protocol/crypto';
import { encodeBase64Url } from '@eko/protocol/encoding';
import {
  vrfInput,
  bundleTermsOf,
  type AssignmentRecord,
  type BundleTerms,
  type NodeRecord,
  type NodeRole,
  type RosterEntry,
  type VrfProof,
} from '@eko/protocol/ledger';
import { type DealRequest } from '@eko/protocol/rest';
import { newEd25519Signer, nodeHpkePrimitives } from '@eko/protocol/node';
import { newX25519Key } from '../../../client-sdk/protocol/src/node/x25519-key';
import { BundleBook, StoredBundles } from '@eko/node-kit';
import { pause } from '@eko/sdk/node';
import { orchestratorStateForm } from '../../../network/orchestrator/src/service/bundle-form';
import { Dealer, type DealerDeps } from '../../../network/orchestrator/src/service/dealer';
import { Outbox } from '../../../network/orchestrator/src/service/outbox';
import {
  NO_LEAD,
  isFinished,
  type OrchestratorState,
} from '../../../network/orchestrator/src/core/orchestrator-state';
import type { Registry } from '../../../network/orchestrator/src/service/dealer';
import { assignmentRecord, bundleRecord, nodeRecord } from '../data/ledger-facts';
import { MemoryStore } from './memory-store';
import { FakeCourier } from './fake-courier';
import { MemoryEnvelopes } from './memory-envelopes';
import { RecordingObserver } from './recording-observer';

export const CHANNEL = 'trade';
/** Of the key that the dealer signs with. */
export const DEALER_SEED = new Uint8Array(32).fill(9);
export const ORCHESTRATORS = ['orchestrator-a', 'orchestrator-b'];
export const WITNESSES = ['witness-a', 'witness-b', 'witness-c'];

/** Nodes with real keys, as a registry shows them. */
export class FakeRegistry implements Registry {
  readonly nodes = new Map<string, NodeRecord>();
  readonly vrfSeeds = new Map<string, SecretBytes<'vrf seed'>>();

  constructor(orchestrators = ORCHESTRATORS, witnesses = WITNESSES) {
    for (const nodeId of ['initiator', 'provider']) this.add(nodeId, 'party');
    for (const nodeId of orchestrators) this.add(nodeId, 'orchestrator');
    for (const nodeId of witnesses) this.add(nodeId, 'witness');
  }

  add(nodeId: string, role: NodeRole): void {
    const seed = new SecretBytes('vrf seed', crypto.getRandomValues(new Uint8Array(32)));
    this.vrfSeeds.set(nodeId, seed);
    this.nodes.set(
      nodeId,
      nodeRecord(nodeId, role, {
        kem: newX25519Key().publicKey,
        ...(role === 'orchestrator' ? { vrf: deriveVrfPublicKey(seed) } : {}),
      }),
    );
  }

  node(nodeId: string): NodeRecord | undefined {
    return this.nodes.get(nodeId);
  }

  roster(role: NodeRole, _version?: number): Promise<readonly RosterEntry[]> {
    const members = [...this.nodes.values()].filter((node) => node.role === role);
    return Promise.resolve(members.map(({ nodeId, mspId }) => ({ nodeId, mspId, since: 1 })));
  }

  proofs(
    bundle: BundleTerms,
    orchestrators = ORCHESTRATORS,
    assignment: Pick<AssignmentRecord, 'seed' | 'fence'> = assignmentRecord(),
  ): VrfProof[] {
    return orchestrators.map((orchestrator) => {
      const seed = this.vrfSeeds.get(orchestrator);
      if (seed === undefined) throw new RangeError(`no seed of ${orchestrator}`);
      const alpha = vrfInput({ channel: CHANNEL, bundle, assignment });
      return { orchestrator, proof: encodeBase64Url(proveVrf(seed, alpha)) };
    });
  }
}

/** A request that two orchestrators deal: two streams, all three witnesses, quorum two. */
export function dealtBundle(): BundleTerms {
  const bundle = bundleRecord({
    policy: {
      ...bundleRecord().policy,
      dealers: 2,
      witnesses: { count: 3, quorum: 2, witnessesCanVerify: false, maxPerOrg: 16 },
    },
  });
  return bundleTermsOf(bundle);
}

/** What the ledger's events make of that request. */
export function acceptedBundle(change: Partial<OrchestratorState> = {}): OrchestratorState {
  return {
    ...NO_LEAD,
    bundle: dealtBundle(),
    assignment: assignmentRecord({ orchestrators: [...ORCHESTRATORS] }),
    acceptedAtUnixMs: 1_000_000,
    ended: [],
    outbox: [],
    destroying: [],
    owesAttestation: false,
    ...change,
  };
}

/** A dealer over a store in memory, with witnesses that do as they are told. */
export class DealerHarness {
  readonly store = new MemoryStore();
  readonly registry = new FakeRegistry();
  readonly courier = new FakeCourier();
  readonly observer = new RecordingObserver();
  readonly outbox = new Outbox(this.store, new MemoryEnvelopes(this.store));
  nowUnixMs = 1_001_000;

  private constructor(
    readonly book: BundleBook<OrchestratorState>,
    readonly state: OrchestratorState,
    /** Where the book writes. */
    readonly stored: StoredBundles<OrchestratorState, typeof orchestratorStateForm.schema>,
  ) {
    book.set(state.bundle.bundleId, state);
  }

  static async open(state = acceptedBundle()): Promise<DealerHarness> {
    const store = new StoredBundles(new MemoryStore(), orchestratorStateForm);
    const { book } = await BundleBook.open(store, (kept) => isFinished(kept, 'orchestrator-b'));
    return new DealerHarness(book, state, store);
  }

  /** The node is `orchestrator-b`: `orchestrator-a` leads. */
  dealer(change: Partial<DealerDeps> = {}): Dealer {
    return new Dealer({
      nodeId: 'orchestrator-b',
      channel: CHANNEL,
      book: this.book,
      registry: this.registry,
      proofs: new VrfMemory(8),
      outbox: this.outbox,
      courier: this.courier,
      observer: this.observer,
      nowUnixMs: () => this.nowUnixMs,
      pause,
      eventWaitMs: 0,
      deliveryMs: 5_000,
      random: (length) => crypto.getRandomValues(new Uint8Array(length)),
      primitives: nodeHpkePrimitives,
      sign: newEd25519Signer(new SecretBytes('sign seed', Uint8Array.from(DEALER_SEED))),
      yieldToEventLoop: () => Promise.resolve(),
      ...change,
    });
  }

  request(change: Partial<DealRequest> = {}): DealRequest {
    const { bundle } = this.state;
    const { fence = 0 } = change;
    const proofs = this.registry.proofs(bundle, ORCHESTRATORS, assignmentRecord({ fence }));
    return { bundleId: bundle.bundleId, epoch: 1, fence, proofs, ...change };
  }
}
