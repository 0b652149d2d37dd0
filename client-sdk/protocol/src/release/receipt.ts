import { encodeBase64Url } from '../encoding/base64url';
import { uint32Bytes } from '../encoding/bytes';
import { encodeCanonicalJson } from '../encoding/canonical-json';
import { LABELS } from '../crypto/key-labels';
import { HASH_BYTES, labelledHash } from '../crypto/labelled-hash';
import type { TreeNode, TreePlace } from '../crypto/secret-tree';
import type { DealingContext } from '../dealing/dealing-context';
import { nodeCommitment } from '../dealing/leaf-share';
import type { ReleaseReceipt } from '../rest/wire';

/** What a witness's first receipt names as the one before. */
export const NO_PREVIOUS_RECEIPT = encodeBase64Url(new Uint8Array(HASH_BYTES));

/** One node of a release by its place and its commitment, computed from what is sent, and the dealing that it is of. */
export interface ReceiptEntry extends TreePlace {
  readonly dealer: string;
  /** Base64url: which of the dealer's dealings. */
  readonly dealingId: string;
  /** Base64url: the sheet by which the witness checked its leaves when it took the root. */
  readonly sheetHash: string;
  /** 32 bytes: `nodeCommitment`. */
  readonly commitment: Uint8Array;
}

/**
 * What a receipt says of nodes of one dealing that were released.
 *
 * @param of - the dealing, and the hash of its sheet
 * @param witness - node ID of who released them
 * @returns one entry for each node, in their order
 */
export function receiptEntriesOf(
  { context, sheetHash }: { readonly context: DealingContext; readonly sheetHash: string },
  witness: string,
  nodes: readonly TreeNode[],
): readonly ReceiptEntry[] {
  const { dealer, dealingId } = context;
  return nodes.map((node) => ({
    dealer,
    dealingId,
    sheetHash,
    depth: node.depth,
    position: node.position,
    commitment: nodeCommitment(context, witness, node),
  }));
}

/**
 * The hash over a release's nodes, in whatever order they come: base64url.
 * @see docs/protocol.md, "4. Release"
 */
export function entriesHash(entries: readonly ReceiptEntry[]): string {
  const ordered = [...entries].sort((a, b) => {
    if (a.dealer !== b.dealer) return a.dealer < b.dealer ? -1 : 1;
    if (a.dealingId !== b.dealingId) return a.dealingId < b.dealingId ? -1 : 1;
    return a.depth - b.depth || a.position - b.position;
  });
  return encodeBase64Url(
    labelledHash(
      LABELS.releaseEntries,
      ...ordered.flatMap((entry) => [
        entry.dealer,
        entry.dealingId,
        entry.sheetHash,
        uint32Bytes(entry.depth),
        uint32Bytes(entry.position),
        entry.commitment,
      ]),
    ),
  );
}

/** The hash that the witness's next receipt names, and that its sealed answer is bound to: base64url. */
export function receiptHash(receipt: ReleaseReceipt): string {
  return encodeBase64Url(labelledHash(LABELS.receiptHash, encodeCanonicalJson(receipt)));
}
