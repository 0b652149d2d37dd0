import type { ByteReader } from '../encoding/byte-reader';
import { SecretBytes } from '../secret/secret-bytes';
import { unopenable } from '../crypto/hpke';
import { TREE_NODE_BYTES, type TreeNode, type TreePlace } from '../crypto/secret-tree';
import { LIMITS } from '../limits';

const COUNT_BYTES = 1;
/** Size of a node with its place: depth (1), position (1), secret. */
const NODE_BYTES = 2 + TREE_NODE_BYTES;
const MOST_DEPTH = Math.ceil(Math.log2(LIMITS.requestsPerBundle));
/** Every other leaf of the largest tree. */
const MOST_NODES = LIMITS.requestsPerBundle / 2;

/** How many bytes a set of nodes takes. */
export function treeNodesBytes(nodes: readonly TreeNode[]): number {
  return COUNT_BYTES + nodes.length * NODE_BYTES;
}

/**
 * Writes a set of nodes, from left to right, into a buffer that the caller wipes.
 * @throws RangeError where there is none or too many, or one lies at or below another or out of order
 */
export function writeTreeNodes(target: Uint8Array, offset: number, nodes: readonly TreeNode[]): void {
  if (!isNodeSet(nodes)) throw new RangeError('A set of nodes goes from left to right, none below another');
  target[offset] = nodes.length;
  nodes.forEach(({ depth, position, secret }, place) => {
    const start = offset + COUNT_BYTES + place * NODE_BYTES;
    target[start] = depth;
    target[start + 1] = position;
    secret.use((bytes) => target.set(bytes, start + 2));
  });
}

/**
 * Reads a set of nodes; their secrets are views into the message, wiped when they are disposed of.
 * @throws EkoError `ENVELOPE_INVALID` for what `writeTreeNodes` does not write
 */
export function readTreeNodes(reader: ByteReader): readonly TreeNode[] {
  const nodes = Array.from({ length: reader.uint8() }, () => ({
    depth: reader.uint8(),
    position: reader.uint8(),
    secret: new SecretBytes('tree node', reader.take(TREE_NODE_BYTES)),
  }));
  if (!isNodeSet(nodes)) throw unopenable();
  return nodes;
}

function isNodeSet(nodes: readonly TreePlace[]): boolean {
  return (
    nodes.length > 0 &&
    nodes.length <= MOST_NODES &&
    nodes.every(({ depth, position }) => depth <= MOST_DEPTH && position < 2 ** depth) &&
    // As if all trees were as deep as the largest: each begins where the one before ends, or later.
    nodes.every((node, place) => place === 0 || endOf(nodes[place - 1] ?? node) <= startOf(node))
  );
}

const startOf = ({ depth, position }: TreePlace): number => position * 2 ** (MOST_DEPTH - depth);
const endOf = ({ depth, position }: TreePlace): number => (position + 1) * 2 ** (MOST_DEPTH - depth);
