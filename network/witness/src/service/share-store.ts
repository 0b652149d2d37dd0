import type { TreeNode, TreePlace } from '@eko/protocol/crypto';
import type { SlotStore } from '@eko/node-kit';
import type { HeldDealing } from '../core/witness-state';

/** Where nodes lie, each in a slot of its own, so that one can be destroyed alone. */
export type ShareSlots = Pick<SlotStore<'tree node'>, 'put' | 'get' | 'shred' | 'keepOnly'>;

/** Of which envelope a tree came. */
export type TreeName = Pick<HeldDealing, 'dealer' | 'dealingId' | 'epoch' | 'envelopeHash'>;

/**
 * The shares of a witness at rest: of each dealing the nodes of its tree that give them, each under a name that no other
 * envelope's node has. While all streams of a bundle live, that is the root alone.
 */
export class ShareStore {
  readonly #slots: ShareSlots;

  constructor(slots: ShareSlots) {
    this.#slots = slots;
  }

  /** Stores all durably; resolves only then. The nodes stay the caller's. */
  async put(bundleId: string, tree: TreeName, nodes: readonly TreeNode[]): Promise<void> {
    await this.#slots.put(nodes.map((node) => ({ id: nodeName(bundleId, tree, node), bytes: node.secret })));
  }

  /**
   * Copies of all these nodes, in this order, which the caller disposes of; `undefined` where one of them is not there.
   */
  async get(
    bundleId: string,
    tree: TreeName,
    places: readonly TreePlace[],
  ): Promise<readonly TreeNode[] | undefined> {
    const names = places.map((place) => nodeName(bundleId, tree, place));
    const kept = await this.#slots.get(names);
    const bytesOf = new Map(kept.map(({ id, bytes }) => [id, bytes]));
    const nodes = places.flatMap(({ depth, position }, at) => {
      const secret = bytesOf.get(names[at] ?? '');
      return secret === undefined ? [] : [{ depth, position, secret }];
    });
    if (nodes.length === places.length) return nodes;
    for (const { bytes } of kept) bytes.dispose();
    return undefined;
  }

  /** Destroys for good; unknown names are fine. */
  async destroy(names: readonly string[]): Promise<void> {
    await this.#slots.shred(names);
  }

  /** Destroys all but these; once, after a start. */
  async keepOnly(names: Iterable<string>): Promise<void> {
    await this.#slots.keepOnly(names);
  }
}

/**
 * The name of one node. With the envelope's hash in it nothing can overwrite the nodes of another envelope: whatever
 * reached the disk before a crash, what a book says of a dealing is never answered with shares of another.
 */
function nodeName(bundleId: string, tree: TreeName, { depth, position }: TreePlace): string {
  const { epoch, dealer, dealingId, envelopeHash } = tree;
  return `${bundleId}/${epoch}/${dealer}/${dealingId}/${envelopeHash}/${depth}.${position}`;
}

/** The names of a dealing's nodes. */
export function nodeNamesOf(bundleId: string, dealing: HeldDealing): readonly string[] {
  return dealing.nodes.map((node) => nodeName(bundleId, dealing, node));
}
