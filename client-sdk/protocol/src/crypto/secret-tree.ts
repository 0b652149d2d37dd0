import { hmacSha256 } from '#platform';
import { LIMITS } from '../limits';
import { SecretBytes } from '../secret/secret-bytes';
import { LABELS } from './key-labels';
import { labelledBytes } from './labelled-hash';

/*
 * A tree of secrets (Goldreich, Goldwasser, Micali): every node is 32 bytes, and its two children are HMACs of it under
 * two labels. Who has a node can compute what lies below it and nothing else, so that giving away, keeping or
 * overwriting a part of the leaves is giving away, keeping or overwriting the fewest nodes that cover them. A pseudo-random
 * function that can be restricted and punctured, in other words: the leaf is its value at the leaf's number.
 *
 * A tree is as deep as its leaves need: one leaf is its own root, and 129 to 200 leaves take eight levels. Places beyond
 * the last leaf are nobody's, so a node above some of them counts by the leaves that it has.
 */

/** Size of a node, and so of a root and of a leaf. */
export const TREE_NODE_BYTES = 32;

/** Where a node stands: `depth` 0 is the root; `position` counts the nodes of that depth from the left. */
export interface TreePlace {
  readonly depth: number;
  readonly position: number;
}

/** A node with its secret; whoever has it disposes of it. */
export interface TreeNode extends TreePlace {
  readonly secret: SecretBytes<'tree node'>;
}

/** A leaf by its number, which is that of its stream; whoever has it disposes of it. */
export interface TreeLeaf {
  readonly index: number;
  readonly secret: SecretBytes<'tree leaf'>;
}

const CHILD_LABELS = [labelledBytes(LABELS.treeLeft), labelledBytes(LABELS.treeRight)] as const;
const ROOT: TreePlace = { depth: 0, position: 0 };

/**
 * How many levels lie below the root of a tree.
 * @param leaves - 1 to 200
 */
export function treeDepth(leaves: number): number {
  requireLeaves(leaves);
  return Math.ceil(Math.log2(leaves));
}

/** A node from its bytes, which it takes over. */
export function treeNode(place: TreePlace, bytes: Uint8Array): TreeNode {
  if (bytes.length !== TREE_NODE_BYTES) throw new RangeError('A node has 32 bytes');
  const { depth, position } = place;
  return { depth, position, secret: new SecretBytes('tree node', bytes) };
}

/** The root of a tree from its bytes, which it takes over. */
export function treeRoot(bytes: Uint8Array): TreeNode {
  return treeNode(ROOT, bytes);
}

/**
 * The fewest nodes that have all of these leaves below them, and no other leaf: from left to right.
 *
 * @param leaves - how many the tree has, 1 to 200
 * @param isWanted - asked of each leaf's number
 */
export function coverOf(leaves: number, isWanted: (index: number) => boolean): readonly TreePlace[] {
  const depth = treeDepth(leaves);
  const cover: TreePlace[] = [];
  const walk = (place: TreePlace): void => {
    const below = leavesBelow(place, leaves);
    const wanted = below.filter(isWanted).length;
    if (wanted === 0) return;
    if (wanted === below.length || place.depth === depth) {
      cover.push(place);
      return;
    }
    for (const side of [0, 1]) walk(childPlace(place, side));
  };
  walk(ROOT);
  return cover;
}

/** The numbers of the leaves below a node, or at it. */
export function leavesBelow({ depth, position }: TreePlace, leaves: number): readonly number[] {
  const span = 2 ** (treeDepth(leaves) - depth);
  const first = position * span;
  return Array.from({ length: Math.max(0, Math.min(span, leaves - first)) }, (_, at) => first + at);
}

/** Tells whether two places are the same. */
export function isSamePlace(one: TreePlace, other: TreePlace): boolean {
  return one.depth === other.depth && one.position === other.position;
}

/**
 * Computes nodes from nodes above them.
 *
 * @param nodes - they stay the caller's
 * @returns copies, in the order of `places`
 * @throws RangeError where a place lies below none of the nodes
 */
export function deriveTreeNodes(
  nodes: readonly TreeNode[],
  places: readonly TreePlace[],
): readonly TreeNode[] {
  const derived: TreeNode[] = [];
  try {
    for (const place of places) {
      const above = nodes.find((node) => isAtOrBelow(place, node));
      if (above === undefined) throw new RangeError('The place lies below none of the nodes');
      derived.push({
        ...place,
        secret: above.secret.use((bytes) => descend(bytes, above, place)),
      });
    }
    return derived;
  } catch (error) {
    disposeOfNodes(derived);
    throw error;
  }
}

/**
 * Computes every leaf below some nodes, from left to right; what lies between is wiped.
 *
 * @param nodes - none below another; they stay the caller's
 * @param leaves - how many the tree has
 */
export function deriveTreeLeaves(nodes: readonly TreeNode[], leaves: number): readonly TreeLeaf[] {
  const depth = treeDepth(leaves);
  const derived: TreeLeaf[] = [];
  const walk = (place: TreePlace, bytes: Uint8Array): void => {
    if (place.depth === depth) {
      derived.push({ index: place.position, secret: new SecretBytes('tree leaf', bytes) });
      return;
    }
    for (const side of [0, 1]) {
      const child = childPlace(place, side);
      if (child.position * 2 ** (depth - child.depth) < leaves) walk(child, childOf(bytes, side));
    }
    bytes.fill(0);
  };
  for (const node of nodes) node.secret.use((bytes) => walk(node, Uint8Array.from(bytes)));
  return derived;
}

/**
 * Computes one leaf.
 *
 * @throws RangeError where it lies below none of the nodes
 */
export function deriveTreeLeaf(nodes: readonly TreeNode[], leaves: number, index: number): TreeLeaf {
  const [node] = deriveTreeNodes(nodes, [{ depth: treeDepth(leaves), position: index }]);
  if (node === undefined || index >= leaves) throw new RangeError('The tree has no such leaf');
  // Peers still run Node 18, which knows no `using`.
  try {
    return {
      index,
      secret: node.secret.use((bytes) => new SecretBytes('tree leaf', Uint8Array.from(bytes))),
    };
  } finally {
    node.secret.dispose();
  }
}

/** Wipes nodes. */
export function disposeOfNodes(nodes: readonly TreeNode[]): void {
  for (const { secret } of nodes) secret.dispose();
}

/** Wipes leaves. */
export function disposeOfLeaves(leaves: readonly TreeLeaf[]): void {
  for (const { secret } of leaves) secret.dispose();
}

function isAtOrBelow(place: TreePlace, above: TreePlace): boolean {
  return place.depth >= above.depth && place.position >>> (place.depth - above.depth) === above.position;
}

function descend(from: Uint8Array, above: TreePlace, place: TreePlace): SecretBytes<'tree node'> {
  let bytes: Uint8Array = Uint8Array.from(from);
  for (let level = above.depth + 1; level <= place.depth; level += 1) {
    const next = childOf(bytes, (place.position >>> (place.depth - level)) & 1);
    bytes.fill(0);
    bytes = next;
  }
  return new SecretBytes('tree node', bytes);
}

function childPlace({ depth, position }: TreePlace, side: number): TreePlace {
  return { depth: depth + 1, position: 2 * position + side };
}

function childOf(bytes: Uint8Array, side: number): Uint8Array {
  return hmacSha256(bytes, CHILD_LABELS[side === 0 ? 0 : 1]);
}

function requireLeaves(leaves: number): void {
  if (!Number.isInteger(leaves) || leaves < 1 || leaves > LIMITS.requestsPerBundle) {
    throw new RangeError(`A tree has 1 to ${LIMITS.requestsPerBundle} leaves`);
  }
}
