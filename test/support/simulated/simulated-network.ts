import { EkoError, LIMITS } from '@eko/protocol';
import {
  LABELS,
  coverOf,
  deriveTreeNodes,
  entriesHash,
  receiptEntriesOf,
  receiptHash,
  sealReleaseMessage,
  signRecord,
  treeNode,
  type TreeNode,
} from '@eko/protocol/crypto';
import { NO_PREVIOUS_RECEIPT } from '../../../client-sdk/protocol/src/release/receipt';
import {
  NODE_ROUTES,
  decodeMessage,
  encodeMessage,
  type EnvelopeCollection,
  type ReleaseAnswer,
  type ReleaseRequest,
} from '@eko/protocol/rest';
import { decodeBase64Url, parseWith, utf8Encode, type Static, type TSchema } from '@eko/protocol/encoding';
import { nodeHpkePrimitives } from '@eko/protocol/node';
import type { PeerCall, PeerCaller } from '@eko/sdk/node';
import { type DealtBundle } from './dealt-bundle';
import { CHANNEL } from './simulated-dealing';

/**
 * What a node does wrong: does not answer until the call is given up, is not there, sends another share than committed
 * to, no more than one dealer's shares or those of stream 0, every root whatever was asked for, its first answer again,
 * another receipt's, something else altogether, or says a code.
 */
export type NodeFault =
  | 'silent'
  | 'down'
  | 'wrong share'
  | 'half'
  | 'one stream'
  | 'whole root'
  | 'older release'
  | 'forged receipt'
  | 'rubbish'
  | EkoError;

/** Calls dealers and witnesses that live in this process. */
export class SimulatedNetwork implements PeerCaller {
  readonly bundles = new Map<string, DealtBundle>();
  readonly faults = new Map<string, NodeFault>();
  /** Every release asked for. */
  readonly releases: { readonly witness: string; readonly request: ReleaseRequest }[] = [];
  /** Permits that witnesses take; each serves a witness, party and stream once. */
  readonly permits = new Set<string>();
  readonly #party: string;
  readonly #used = new Set<string>();
  readonly #firstAnswers = new Map<string, ReleaseAnswer>();
  readonly #waitingForDealer: (() => void)[] = [];
  readonly #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  constructor(party: string, ...bundles: readonly DealtBundle[]) {
    this.#party = party;
    for (const bundle of bundles) this.add(bundle);
  }

  /** Makes a bundle known, its activation a permit. */
  add(bundle: DealtBundle): void {
    this.bundles.set(bundle.view.bundle.bundleId, bundle);
    this.permits.add(bundle.record.txId);
  }

  /** Resolves when that many releases were asked for. */
  asked(count: number): Promise<void> {
    if (this.releases.length >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ count, resolve }));
  }

  /** Resolves when a dealer is asked for an envelope from now on. */
  dealerAsked(): Promise<void> {
    return new Promise((resolve) => this.#waitingForDealer.push(resolve));
  }

  async call<Answer extends TSchema>(call: PeerCall<Answer>): Promise<Static<Answer>> {
    const { nodeId } = call.node;
    const answer = await this.#answer(nodeId, call);
    const { content } = encodeMessage(answer);
    const sent = typeof content === 'string' ? utf8Encode(content) : content;
    const read = decodeMessage(call.answerSchema, sent, LIMITS.jsonDepth);
    return parseWith(call.answerSchema, read, `Answer of ${nodeId}`);
  }

  async #answer<Answer extends TSchema>(nodeId: string, call: PeerCall<Answer>): Promise<unknown> {
    await Promise.resolve();
    if (call.signal?.aborted === true) throw new EkoError('CANCELLED', 'aborted');
    if (call.route === NODE_ROUTES.release) {
      this.releases.push({ witness: nodeId, request: call.body as ReleaseRequest });
      for (const { count, resolve } of this.#waiting) if (this.releases.length >= count) resolve();
    }
    if (call.route === NODE_ROUTES.collectEnvelope)
      for (const resolve of this.#waitingForDealer.splice(0)) resolve();
    const fault = this.faults.get(nodeId);
    if (fault instanceof EkoError) throw fault;
    if (fault === 'down') throw new EkoError('PEER_UNAVAILABLE', `${nodeId} is not there`);
    if (fault === 'silent') return silence(call.signal);
    if (fault === 'rubbish') return { rubbish: true };
    if (call.route === NODE_ROUTES.collectEnvelope)
      return this.#envelope(nodeId, call.body as EnvelopeCollection);
    if (call.route === NODE_ROUTES.release) {
      const answer = this.#release(nodeId, call.body as ReleaseRequest);
      const first = this.#firstAnswers.get(nodeId) ?? answer;
      this.#firstAnswers.set(nodeId, first);
      return fault === 'older release' ? first : answer;
    }
    throw new EkoError('NOT_FOUND', `no route ${call.route}`);
  }

  #envelope(dealer: string, { bundleId }: EnvelopeCollection): unknown {
    const dealing = this.#bundle(bundleId).dealings.find(({ context }) => context.dealer === dealer);
    return dealing?.deliveries.get(this.#party);
  }

  #release(witness: string, request: ReleaseRequest): ReleaseAnswer {
    const bundle = this.#bundle(request.bundleId);
    if (!this.permits.has(request.permitTxId)) throw new EkoError('NO_PERMIT', 'no such permit');
    const uses = request.streams.map((index) => `${witness} ${request.permitTxId} ${index}`);
    if (uses.some((use) => this.#used.has(use))) throw new EkoError('PERMIT_USED', 'used');
    for (const use of uses) this.#used.add(use);

    const fault = this.faults.get(witness);
    const given = request.streams.filter((index) => fault !== 'one stream' || index === 0);
    if (given.length === 0) throw new EkoError('NOT_FOUND', 'holds no such share');
    const released = bundle.dealings
      .slice(0, fault === 'half' ? 1 : undefined)
      .flatMap(({ context, dealing, roots }, place, dealings) => {
        const root = roots.get(witness);
        if (root === undefined) return [];
        const cover = coverOf(bundle.view.bundle.requests.length, (index) => given.includes(index));
        const nodes = deriveTreeNodes([root], fault === 'whole root' ? [root] : cover);
        const isWrong = fault === 'wrong share' && place === dealings.length - 1;
        return [{ context, dealing, dealer: context.dealer, nodes: isWrong ? withWrongLast(nodes) : nodes }];
      });
    const sent = released.flatMap(({ context, dealing, nodes }) =>
      receiptEntriesOf({ context, sheetHash: dealing.sheetHash }, witness, nodes),
    );
    const receipt = {
      channel: CHANNEL,
      witness,
      party: this.#party,
      bundleId: request.bundleId,
      epoch: request.epoch,
      fence: bundle.record.fence,
      activationTxId: bundle.record.txId,
      permitTxId: request.permitTxId,
      streams: [...given],
      entriesHash: fault === 'forged receipt' ? NO_PREVIOUS_RECEIPT : entriesHash(sent),
      sequence: 1,
      previousHash: NO_PREVIOUS_RECEIPT,
      atUnixMs: Date.now(),
    };
    const node = bundle.nodes.get(witness);
    const party = bundle.nodes.get(this.#party);
    if (node === undefined || party === undefined) throw new RangeError('no such node');
    const sealed = sealReleaseMessage(
      {
        context: {
          channel: CHANNEL,
          bundleId: request.bundleId,
          epoch: request.epoch,
          witness,
          party: this.#party,
          permitTxId: request.permitTxId,
        },
        partyPublicKey: decodeBase64Url(party.record.keys.kem.publicKey),
        receiptHash: receiptHash(receipt),
        released,
      },
      nodeHpkePrimitives,
    );
    return {
      receipt,
      signature: signRecord(LABELS.receiptSignature, receipt, node.sign),
      sealed,
    };
  }

  #bundle(bundleId: string): DealtBundle {
    const bundle = this.bundles.get(bundleId);
    if (bundle === undefined) throw new EkoError('NOT_FOUND', `no bundle ${bundleId}`);
    return bundle;
  }
}

/** The same nodes, but for one bit of the last. */
function withWrongLast(nodes: readonly TreeNode[]): readonly TreeNode[] {
  return nodes.map((node, place) => {
    if (place < nodes.length - 1) return node;
    const flipped = node.secret.use((bytes) =>
      Uint8Array.from(bytes, (byte, at) => (at === 0 ? byte ^ 1 : byte)),
    );
    return treeNode(node, flipped);
  });
}

/** Ends with the signal only. */
function silence(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => {
      reject(new EkoError('CANCELLED', 'given up'));
    });
  });
}
