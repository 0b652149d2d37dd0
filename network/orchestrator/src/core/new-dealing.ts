import { SecretBytes } from '@eko/protocol';
import {
  ENVELOPE_SUITE,
  LABELS,
  KEY_BYTES,
  TREE_NODE_BYTES,
  dealingStatement,
  deriveCheckValue,
  deriveTreeLeaves,
  disposeOfLeaves,
  disposeOfNodes,
  drawRandom,
  encodeCommitmentSheet,
  hashText,
  holdersOf,
  newContributionShares,
  sealRootEnvelope,
  shareCommitment,
  shareCorrection,
  sharingStructureOf,
  signRecord,
  treeRoot,
  type DealingContext,
  type HpkePrimitives,
  type RandomSource,
  type RecordSigner,
  type SheetStream,
  type TreeLeaf,
  type TreeNode,
} from '@eko/protocol/crypto';
import { encodeBase64Url } from '@eko/protocol/encoding';
import type { BundleTerms, Dealing, DealingContent, Selection } from '@eko/protocol/ledger';

/** What a dealing is made for. */
export interface DealingPlan {
  readonly channel: string;
  readonly dealer: string;
  readonly bundle: BundleTerms;
  readonly epoch: number;
  readonly fence: number;
  readonly selection: Selection;
  /** A holder's registered `kem` key, 32 bytes. */
  readonly holderKey: (holder: string) => Uint8Array;
}

/** What making a dealing needs of its surroundings. */
export interface DealingTools {
  readonly random: RandomSource;
  readonly primitives: HpkePrimitives;
  readonly sign: RecordSigner;
  /** Lets other work of the process run. */
  readonly yieldToEventLoop: () => Promise<void>;
}

/** A dealing with everything that its holders get; nothing in it is secret any more. */
export interface NewDealing {
  readonly epoch: number;
  readonly fence: number;
  readonly dealing: DealingContent;
  /** Base64url, for the deliveries; not what the ledger takes. */
  readonly deliverySignature: string;
  /** In the order of `envelopes` and of `dealing.envelopes`. */
  readonly holders: readonly string[];
  readonly sheet: Uint8Array;
  readonly envelopes: readonly Uint8Array[];
}

/** A dealing whose envelopes are stored by a quorum of the drawn witnesses, signed for the ledger. */
export interface CompleteDealing {
  readonly epoch: number;
  readonly fence: number;
  readonly dealing: Dealing;
  readonly holders: readonly string[];
}

const DEALING_ID_BYTES = 16;
/** Streams, and leaves of trees, made in one go: about 5 ms of work. */
const BATCH = 25;
const LEAF_BATCH = 1_000;

/**
 * Deals one epoch of a bundle: draws a root for each holder and a contribution for each stream, shares it, publishes what
 * turns each holder's leaf into its share with a commitment to the leaf, seals each holder's root in an envelope, signs
 * for delivery, and wipes everything that was secret.
 *
 * @throws EkoError `RNG_FAILED`, `POLICY_UNSATISFIABLE`, `INVALID_KEY`
 * @see docs/protocol.md, "3. Dealing"
 */
export async function newDealing(plan: DealingPlan, tools: DealingTools): Promise<NewDealing> {
  const { channel, dealer, bundle, epoch, fence, selection } = plan;
  const { bundleId, requestTxId, policyHash } = bundle;
  const { primitives, yieldToEventLoop } = tools;
  using pool = new RandomPool(tools.random);
  const dealingId = encodeBase64Url(drawRandom(pool.draw, DEALING_ID_BYTES));
  const context: DealingContext = { channel, bundleId, epoch, requestTxId, policyHash, dealer, dealingId };
  const holders = holdersOf(bundle, selection);
  const roots: TreeNode[] = [];
  const leaves: (readonly TreeLeaf[])[] = [];
  try {
    for (const column of holders.keys()) {
      if ((column * bundle.streams) % LEAF_BATCH > LEAF_BATCH - bundle.streams) await yieldToEventLoop();
      const root = treeRoot(drawRandom(pool.draw, TREE_NODE_BYTES));
      roots.push(root);
      leaves.push(deriveTreeLeaves([root], bundle.streams));
    }
    const streams: SheetStream[] = [];
    for (let index = 0; index < bundle.streams; index += 1) {
      if (index % BATCH === BATCH - 1) await yieldToEventLoop();
      streams.push(dealStream({ plan, context, holders, index, leaves }, pool.draw));
    }
    const sheet = encodeCommitmentSheet({ streams });
    const sheetHash = hashText(sheet);
    await yieldToEventLoop();
    const envelopes = holders.map((holder, column) => {
      const holderPublicKey = plan.holderKey(holder);
      const root = roots[column];
      if (root === undefined) throw new RangeError('Every holder has a root');
      return sealRootEnvelope({ context, holder, holderPublicKey, sheetHash, root }, primitives);
    });
    const dealing: DealingContent = {
      dealer,
      dealingId,
      suite: ENVELOPE_SUITE.name,
      sheetHash,
      envelopes: envelopes.map((envelope) => hashText(envelope)),
    };
    const statement = dealingStatement({ channel, bundle, epoch, fence, holders, dealing });
    const deliverySignature = signRecord(LABELS.deliverySignature, statement, tools.sign);
    return { epoch, fence, dealing, deliverySignature, holders, sheet, envelopes };
  } finally {
    disposeOfNodes(roots);
    for (const ofHolder of leaves) disposeOfLeaves(ofHolder);
  }
}

/**
 * Signs a dealing for the ledger. Only for one that its witnesses have stored, and only by a dealer that will not give it
 * up: with this signature anybody who is assigned can have it recorded.
 */
export function completeDealing(
  { channel, bundle }: Pick<DealingPlan, 'channel' | 'bundle'>,
  { epoch, fence, dealing, holders }: NewDealing,
  sign: RecordSigner,
): CompleteDealing {
  const statement = dealingStatement({ channel, bundle, epoch, fence, holders, dealing });
  const signature = signRecord(LABELS.dealingSignature, statement, sign);
  return { epoch, fence, dealing: { ...dealing, signature }, holders };
}

interface StreamDeal {
  readonly plan: DealingPlan;
  readonly context: DealingContext;
  readonly holders: readonly string[];
  readonly index: number;
  /** By holder, and there by stream. */
  readonly leaves: readonly (readonly TreeLeaf[])[];
}

function dealStream(deal: StreamDeal, random: RandomSource): SheetStream {
  const { plan, context, holders, index, leaves } = deal;
  const { witnesses } = plan.selection;
  const structure = sharingStructureOf(plan.bundle.policy.witnesses);
  using contribution = new SecretBytes('contribution', drawRandom(random, KEY_BYTES));
  const shares = contribution.use((bytes) =>
    newContributionShares({ ...structure, witnesses: witnesses.length }, bytes, random),
  );
  // Both parties first, then the witnesses in draw order: the order of the holders.
  const parts = [shares.initiator, shares.provider, ...shares.witnesses];
  try {
    const entries = holders.map((holder, column) => {
      const leaf = leaves[column]?.[index];
      const share = parts[column]?.bytes;
      if (leaf === undefined || share === undefined)
        throw new RangeError('Every holder has a leaf and a share');
      return {
        correction: shareCorrection(leaf, share),
        commitment: shareCommitment(context, { holder, column }, leaf),
      };
    });
    return { checkValue: deriveCheckValue(contribution, context, index), entries };
  } finally {
    for (const { bytes } of parts) bytes.fill(0);
  }
}

const POOL_BYTES = 16 * 1024;

/**
 * Hands out a large draw in small parts, because each call of the system's generator costs more than the bytes do. No
 * byte is given twice; what is left over is wiped on disposal.
 */
class RandomPool implements Disposable {
  readonly #source: RandomSource;
  #pool: Uint8Array = new Uint8Array(0);
  #used = 0;

  constructor(source: RandomSource) {
    this.#source = source;
  }

  /** As a `RandomSource`: the part belongs to the caller, who wipes it. */
  readonly draw: RandomSource = (length) => {
    if (length > POOL_BYTES) return drawRandom(this.#source, length);
    if (this.#used + length > this.#pool.length) {
      this.dispose();
      this.#pool = drawRandom(this.#source, POOL_BYTES);
      this.#used = 0;
    }
    const part = this.#pool.subarray(this.#used, this.#used + length);
    this.#used += length;
    return part;
  };

  /** Wipes what was not handed out. */
  dispose(): void {
    this.#pool.fill(0, this.#used);
    this.#used = this.#pool.length;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
