import {
  deriveTreeLeaves,
  leavesBelow,
  type OpenedRelease,
  type ReceiptEntry,
  type TreeLeaf,
  type TreeNode,
} from '@eko/protocol/crypto';
import { type WrongShareProof } from '@eko/protocol/ledger';
import { type ReleaseAnswer } from '@eko/protocol/rest';
import type { CollectionTask } from './collection-task';
import type { OwnDealing } from './own-dealing';
import { newWrongShareProof } from './wrong-share-proof';

/** An answer that fits its receipt and the question, kept for as long as it may have to be held against its witness. */
export class WitnessAnswer implements Disposable {
  readonly witness: string;
  readonly #answer: ReleaseAnswer;
  readonly #opened: OpenedRelease;
  readonly #entries: readonly ReceiptEntry[];

  /**
   * @param opened - the answer's; it disposes of them
   * @param entries - of every node of `opened`, what the receipt says of it
   */
  constructor(
    witness: string,
    answer: ReleaseAnswer,
    opened: OpenedRelease,
    entries: readonly ReceiptEntry[],
  ) {
    this.witness = witness;
    this.#answer = answer;
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

  /** Wipes what it gave above a stream that has ended: of others below the same node there is no proof any more. */
  forget(streamIndex: number, streams: number): void {
    for (const { nodes } of this.#opened.released)
      for (const node of nodes) if (leavesBelow(node, streams).includes(streamIndex)) node.secret.dispose();
  }

  /** Wipes all that it gave. */
  dispose(): void {
    this.#opened.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
