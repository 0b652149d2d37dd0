import { SecretBytes } from '@eko/protocol';
import {
  bundleTermsOf,
  type Abandonment,
  type AbandonmentStatement,
  type DealingsRecord,
  type LedgerEvent,
} from '@eko/protocol/ledger';
import {
  LABELS,
  abandonmentStatement,
  dealingStatement,
  hashText,
  openRootEnvelope,
  sealRootEnvelope,
  signRecord,
  treeRoot,
  type DealingContext,
  type KeyAgreementKey,
  type TreeNode,
} from '@eko/protocol/crypto';
import { decodeBase64Url, encodeBase64Url } from '@eko/protocol/encoding';
import { type EnvelopeAcknowledgement, type EnvelopeDelivery } from '@eko/protocol/rest';
import { newEd25519Signer, nodeHpkePrimitives, verifyEd25519OnNode } from '@eko/protocol/node';
import { BundleBook, NamedTurns, StoredBundles } from '@eko/node-kit';
import { AttestationSender } from '@eko/sdk/node';
import { ed25519 } from '@noble/curves/ed25519';
import {
  completeDealing,
  newDealing,
  type DealingPlan,
  type NewDealing,
} from '../../../network/orchestrator/src/core/new-dealing';
import { witnessStateForm } from '../../../network/witness/src/service/bundle-form';
import { ShareStore } from '../../../network/witness/src/service/share-store';
import { StoredProofs } from '../../../network/witness/src/service/stored-proofs';
import { takeEnvelope, type EnvelopeObserver } from '../../../network/witness/src/service/take-envelope';
import { WitnessShell, type WitnessObserver } from '../../../network/witness/src/service/witness-shell';
import { StoreRoom } from '../../../network/witness/src/core/store-room';
import { isFinished, type WitnessState } from '../../../network/witness/src/core/witness-state';
import { assignmentRecord, at, dealingsRecord, nodeRecord } from '../data/ledger-facts';
import { MemoryStore } from './memory-store';
import { newSampleBundle, type SampleBundle } from '../data/sample-bundle';
import { FakeLedger } from './fake-ledger';
import { MemoryShares } from './memory-shares';

const WITNESS = 'witness-a';
const DEALER = 'dealer';
const NEVER = new AbortController().signal;

const signerOf = (seed: Uint8Array) => newEd25519Signer(new SecretBytes('sign seed', Uint8Array.from(seed)));

/** One witness over stores in memory, and one dealer that signs whatever a test wants it to. */
export class WitnessHarness {
  readonly ledger = new FakeLedger();
  readonly shares = new MemoryShares();
  readonly store = new MemoryStore();
  readonly sample: SampleBundle;
  readonly proofs = new StoredProofs(this.store);
  /** What the witness says: `accused`, `unproved`, `misdealt` or `conflicted`, with dealer or code, or `undestroyed`. */
  readonly said: string[] = [];
  /** The dealer's key: what it signs with, and what the registry has. */
  dealerSeed = new Uint8Array(32).fill(3);
  nowUnixMs = 1_000_600;
  mostShares = 1_048_576;
  turns = new NamedTurns();
  book: BundleBook<WitnessState>;
  shell: WitnessShell;
  #blocks = 1;
  readonly #observer: EnvelopeObserver & WitnessObserver = {
    accused: (_bundleId, dealer) => this.said.push(`accused ${dealer}`),
    unproved: (_bundleId, _dealer, code) => this.said.push(`unproved ${code}`),
    misdealt: (_bundleId, dealer) => this.said.push(`misdealt ${dealer}`),
    conflicted: (_bundleId, dealer) => this.said.push(`conflicted ${dealer}`),
    destroyed: () => undefined,
    undestroyed: () => this.said.push('undestroyed'),
    warned: () => undefined,
  };

  private constructor(book: BundleBook<WitnessState>, streams: number) {
    this.book = book;
    this.sample = newSampleBundle({ streams });
    this.shell = this.#newShell();
  }

  /** A witness that has seen the request and the dealer's assignment. */
  static async open(streams = 3): Promise<WitnessHarness> {
    const harness = new WitnessHarness((await openBook(new MemoryStore())).book, streams);
    await harness.restart();
    await harness.see({
      name: 'StreamsRequested',
      payload: { bundle: harness.sample.bundle, assignment: assignmentRecord({ orchestrators: [DEALER] }) },
    });
    return harness;
  }

  /** Starts the witness anew on what its store holds. */
  async restart(): Promise<void> {
    this.book = (await openBook(this.store)).book;
    this.turns = new NamedTurns();
    this.shell = this.#newShell();
    await this.shell.sweep();
  }

  get state(): WitnessState {
    const state = this.book.get(this.sample.bundle.bundleId);
    if (state === undefined) throw new Error('the witness knows the bundle');
    return state;
  }

  get dealerKey(): string {
    return encodeBase64Url(ed25519.getPublicKey(this.dealerSeed));
  }

  /** What is on the witness's disk of the bundle. */
  async stored(): Promise<WitnessState | undefined> {
    return (await openBook(this.store)).book.get(this.sample.bundle.bundleId);
  }

  /** Lets the ledger's next event come, and everything of it reach the disk. */
  async see(event: Pick<Extract<LedgerEvent, unknown>, 'name' | 'payload'>): Promise<void> {
    const { channel, chaincode } = this.ledger;
    const placed = at(this.#blocks, event as Parameters<typeof at>[1]);
    this.#blocks += 1;
    const { blockNumber } = placed;
    await this.shell.apply(placed, { channel, chaincode, blockNumber, txId: placed.txId });
    await this.book.written();
  }

  /**
   * Deals.
   * @param dealingId - the name of the dealing, instead of one by chance
   */
  deal(dealingId?: string): Promise<NewDealing> {
    let name = dealingId === undefined ? undefined : decodeBase64Url(dealingId);
    return newDealing(this.#plan(), {
      random: (length) => {
        const drawn = crypto.getRandomValues(new Uint8Array(length));
        // A dealing's name is the first that is drawn.
        if (name !== undefined) drawn.set(name);
        name = undefined;
        return drawn;
      },
      primitives: nodeHpkePrimitives,
      sign: signerOf(this.dealerSeed),
      yieldToEventLoop: () => Promise.resolve(),
    });
  }

  /** The root that a dealing has for the witness. */
  rootOf(dealt: NewDealing): TreeNode {
    const envelope = dealt.envelopes[dealt.holders.indexOf(WITNESS)];
    const key = this.sample.keys.get(WITNESS);
    if (envelope === undefined || key === undefined) throw new Error('the witness is a holder');
    const { sheetHash } = dealt.dealing;
    return openRootEnvelope(
      { context: this.#contextOf(dealt), holder: WITNESS, holderKey: key, sheetHash, envelope },
      nodeHpkePrimitives,
    );
  }

  /** A dealing as it is, but for one bit of the witness's root: signed, and off its commitments. */
  async dealWrongShare(): Promise<NewDealing> {
    const dealt = await this.deal();
    const { bundle, holderKey } = this.sample;
    const { channel } = this.ledger;
    const { epoch, fence, holders, dealing } = dealt;
    const context = this.#contextOf(dealt);
    const { sheetHash } = dealing;
    const position = holders.indexOf(WITNESS);
    const envelopes = [...dealt.envelopes];
    const opened = this.rootOf(dealt);
    const root = treeRoot(
      opened.secret.use((bytes) => Uint8Array.from(bytes, (byte, at) => (at === 0 ? byte ^ 1 : byte))),
    );
    const wrong = sealRootEnvelope(
      { context, holder: WITNESS, holderPublicKey: holderKey(WITNESS), sheetHash, root },
      nodeHpkePrimitives,
    );
    envelopes[position] = wrong;
    const changed = { ...dealing, envelopes: envelopes.map((envelope) => hashText(envelope)) };
    const statement = dealingStatement({ channel, bundle, epoch, fence, holders, dealing: changed });
    const deliverySignature = signRecord(LABELS.deliverySignature, statement, signerOf(this.dealerSeed));
    return { ...dealt, dealing: changed, envelopes, deliverySignature };
  }

  /** The dealer's word that it gave a dealing up; wrong in whatever `change` says. */
  abandonment(dealt: NewDealing, change: Partial<AbandonmentStatement> = {}): Abandonment {
    const { bundleId, requestTxId } = this.sample.bundle;
    const { dealingId } = dealt.dealing;
    const place = { channel: this.ledger.channel, bundleId, epoch: 1, fence: 0, requestTxId };
    const statement = abandonmentStatement({ ...place, dealer: DEALER, dealingId, ...change });
    const signature = signRecord(LABELS.abandonmentSignature, statement, signerOf(this.dealerSeed));
    return { dealingId, signature };
  }

  delivery(dealt: NewDealing, abandoned: readonly Abandonment[] = []): EnvelopeDelivery {
    const { epoch, fence, dealing, deliverySignature, holders, sheet, envelopes } = dealt;
    const envelope = envelopes[holders.indexOf(WITNESS)];
    if (envelope === undefined) throw new Error('the witness is a holder');
    return {
      bundleId: this.sample.bundle.bundleId,
      epoch,
      fence,
      dealing,
      signature: deliverySignature,
      holders: [...holders],
      envelope,
      sheet,
      ...(abandoned.length === 0 ? {} : { abandoned: [...abandoned] }),
    };
  }

  take(delivery: EnvelopeDelivery): Promise<EnvelopeAcknowledgement> {
    const { sample, book, shares, turns } = this;
    const taking = {
      nodeId: WITNESS,
      channel: this.ledger.channel,
      kem: sample.keys.get(WITNESS) as KeyAgreementKey,
      sign: signerOf(new Uint8Array(32).fill(4)),
      verify: verifyEd25519OnNode,
      primitives: nodeHpkePrimitives,
      book,
      shares: new ShareStore(shares),
      turns,
      nowUnixMs: () => 1_000_100,
      eventWaitMs: 0,
      observer: this.#observer,
      room: new StoreRoom(this.book, this.mostShares),
    };
    return takeEnvelope(
      taking,
      nodeRecord(DEALER, 'orchestrator', { sign: this.dealerKey }),
      delivery,
      NEVER,
    );
  }

  /** What the ledger says when a dealing is recorded, signed by whatever key the dealer has now. */
  recordOf(dealt: NewDealing): DealingsRecord {
    const { dealing } = completeDealing(this.#plan(), dealt, signerOf(this.dealerSeed));
    return dealingsRecord({ dealings: [dealing], selection: this.sample.selection });
  }

  #contextOf({ dealing: { dealer, dealingId } }: NewDealing): DealingContext {
    const { bundleId, requestTxId, policyHash } = this.sample.bundle;
    return { channel: this.ledger.channel, bundleId, epoch: 1, requestTxId, policyHash, dealer, dealingId };
  }

  #plan(): DealingPlan {
    const { bundle, selection, holderKey } = this.sample;
    const { channel } = this.ledger;
    return {
      channel,
      dealer: DEALER,
      bundle: bundleTermsOf(bundle),
      epoch: 1,
      fence: 0,
      selection,
      holderKey,
    };
  }

  #newShell(): WitnessShell {
    return new WitnessShell({
      isRetired: () => false,
      nodeId: WITNESS,
      attestations: new AttestationSender({
        nodeId: WITNESS,
        sign: signerOf(new Uint8Array(32).fill(4)),
        ledger: this.ledger,
        monotonicMs: () => 0,
        observer: { submitted: () => undefined, refused: () => undefined },
      }),
      ledger: this.ledger,
      book: this.book,
      shares: new ShareStore(this.shares),
      turns: this.turns,
      proofs: this.proofs,
      verify: verifyEd25519OnNode,
      signKeyOf: (nodeId) => (nodeId === DEALER ? this.dealerKey : undefined),
      checkpoint: undefined,
      monotonicMs: () => 0,
      nowUnixMs: () => this.nowUnixMs,
      unrecordedLimitMs: 120_000,
      observer: this.#observer,
    });
  }
}

function openBook(store: MemoryStore): ReturnType<typeof BundleBook.open<WitnessState>> {
  return BundleBook.open(new StoredBundles(store, witnessStateForm), (state) => isFinished(state, WITNESS));
}
