import { hmacSha256 } from '#platform';
import { uint32Bytes } from '../encoding/bytes';
import { LABELS } from '../crypto/key-labels';
import { labelledBytes } from '../crypto/labelled-hash';
import { TREE_NODE_BYTES, type TreeLeaf, type TreeNode } from '../crypto/secret-tree';
import { SecretBytes } from '../secret/secret-bytes';
import { dealingContextHash, type DealingContext } from './dealing-context';

/** Size of a share, of the pad that hides it, and of a correction. */
export const SHARE_BYTES = TREE_NODE_BYTES;

const PAD = labelledBytes(LABELS.sharePad);

/**
 * What is published so that the holder of a leaf has this share: the share and the leaf's pad, each byte XOR the other.
 * Without the leaf it is as good as random.
 *
 * @param share - 32 bytes; left as they are
 * @returns 32 bytes
 * @see docs/protocol.md, "3. Dealing"
 */
export function shareCorrection(leaf: TreeLeaf, share: Uint8Array): Uint8Array {
  if (share.length !== SHARE_BYTES) throw new RangeError('A share has 32 bytes');
  return corrected(leaf, share);
}

/**
 * The share that a leaf has by the correction that was published for it.
 * @see docs/protocol.md, "3. Dealing"
 */
export function shareOfLeaf(leaf: TreeLeaf, correction: Uint8Array): SecretBytes<'share'> {
  return new SecretBytes('share', corrected(leaf, correction));
}

/**
 * The public commitment to one holder's leaf of one stream, and so, with the correction beside it, to the share. The leaf
 * is the key, uniform to everybody else: it needs no salt to stay hidden, and no other leaf has the same commitment.
 *
 * @param holder - node ID of who has the leaf
 * @param column - the holder's place among the dealing's holders
 * @returns 32 bytes
 * @see docs/protocol.md, "3. Dealing"
 */
export function shareCommitment(
  context: DealingContext,
  { holder, column }: HolderPlace,
  leaf: TreeLeaf,
): Uint8Array {
  const place = labelledBytes(
    LABELS.shareCommitment,
    dealingContextHash(context),
    uint32Bytes(leaf.index),
    holder,
    uint32Bytes(column),
  );
  return leaf.secret.use((key) => hmacSha256(key, place));
}

/** Who holds something of a dealing, and where in the dealing's list of holders. */
export interface HolderPlace {
  readonly holder: string;
  readonly column: number;
}

/**
 * What a receipt says of a node that was released: hiding, and of this node alone.
 *
 * @param holder - node ID of the witness that released it
 * @returns 32 bytes
 * @see docs/protocol.md, "4. Release"
 */
export function nodeCommitment(
  context: DealingContext,
  holder: string,
  { depth, position, secret }: TreeNode,
): Uint8Array {
  const place = labelledBytes(
    LABELS.nodeCommitment,
    dealingContextHash(context),
    holder,
    uint32Bytes(depth),
    uint32Bytes(position),
  );
  return secret.use((key) => hmacSha256(key, place));
}

function corrected(leaf: TreeLeaf, bytes: Uint8Array): Uint8Array {
  const pad = leaf.secret.use((key) => hmacSha256(key, PAD));
  const result = bytes.map((byte, at) => byte ^ (pad[at] ?? 0));
  pad.fill(0);
  return result;
}
