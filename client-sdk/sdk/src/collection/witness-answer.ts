import {
  deriveTreeLeaves,
  leavesBelow,
  type OpenedRelease,
  type ReceiptEntry,
  type TreeLeaf,
  type TreeNode,
} from '@eko/protocol/crypto';
import { type WrongShareProof } from '@eko/protocol/ledger';
import type { CollectionTask } from './collection-task';
import type { OwnDealing } from './own-dealing';
import { newWrongShareProof, type SignedReceipt } from './wrong-share-proof';

/** An answer that fits its receipt and the question, kept for as long as it may have to be held against its witness. */
export class WitnessAnswer implements Disposable {
  readonly witness: string;
  readonly #answer: SignedReceipt;
  readonly #opened: OpenedRelease;
  readonly #entries: readonly ReceiptEntry[];

  /**
   * @param opened - the answer's; it disposes of them
   * @param entries - of every node of `opened`, what the receipt says of it
   */
  constructor(
    witness: string,
    { receipt, signature }: SignedReceipt,
    opened: OpenedRelease,
    entries: readonly ReceiptEntry[],
  ) {
    this.witness = witness;
    // Without what is sealed: it would give again what is wiped here.
    this.#answer = { receipt, signature };
    this.#opened = opened;
    this.#entries = entries;
  }

  /** Every leaf that it gives, by dealer; whoever asks disposes of them. */
  leaves(streams: number): readonly { readonly dealer: string; readonly leaves: readonly TreeLeaf[] }[] {
    return this.#opened.released.map(({ dealer, nodes }) => ({
      dealer,
      leaves: deriveTreeLeaves(nodes, streams),
    }));
  }

  /**
   * The proof that the node which it gave for a stream is not the one committed to; `undefined` where that node was wiped.
   *
   * @param dealing - the dealing of which the leaf misses its commitment
   */
  accuse(task: CollectionTask, dealing: OwnDealing, streamIndex: number): WrongShareProof | undefined {
    const streams = dealing.checked.sheet.streams.length;
    const { dealer } = dealing.dealing;
    const isAccused = (place: TreeNode | ReceiptEntry): boolean =>
      leavesBelow(place, streams).includes(streamIndex);
    const accused = this.#entries.findIndex((entry) => entry.dealer === dealer && isAccused(entry));
    const node = this.#opened.released.find((of) => of.dealer === dealer)?.nodes.find(isAccused);
    if (node === undefined || node.secret.isDisposed) return undefined;
    return newWrongShareProof(task, dealing, this.#answer, this.#entries, {
      accused,
      opening: { node, streamIndex },
    });
  }

  /**
   * Wipes what it gave above streams that have ended. Nodes of the others below would be of no use: their leaves are with
   * whoever asked for them, and a proof needs the node of the receipt.
   */
  forget(isEnded: (index: number) => boolean, streams: number): void {
    for (const { nodes } of this.#opened.released)
      for (const node of nodes) if (leavesBelow(node, streams).some(isEnded)) node.secret.dispose();
  }

  /** Wipes all that it gave. */
  dispose(): void {
    this.#opened.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
