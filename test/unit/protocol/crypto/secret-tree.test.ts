import { createHmac } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import {
  coverOf,
  deriveTreeLeaf,
  deriveTreeLeaves,
  deriveTreeNodes,
  disposeOfNodes,
  leavesBelow,
  nodeCommitment,
  shareCommitment,
  shareCorrection,
  treeNode,
  treeRoot,
  type TreeLeaf,
  type TreeNode,
  type TreePlace,
} from '@eko/protocol/crypto';
import { treeDepth } from '../../../../client-sdk/protocol/src/crypto/secret-tree';
import { seededRandom } from '../../../support/random';
import { SAMPLE_CONTEXT } from '../sample-dealing';
import vectors from '../../../vectors/secret-tree.json';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
const secretOf = ({ secret }: TreeNode | TreeLeaf): string => secret.use(hex);

/** The children of a node by Node's HMAC and labels typed here, with no line of the module under test. */
function referenceChild(parent: Uint8Array, side: 0 | 1): Uint8Array {
  const label = Buffer.from(side === 0 ? 'eko/1 tree left' : 'eko/1 tree right');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(label.length);
  return createHmac('sha256', parent).update(length).update(label).digest();
}

function referenceLeaf(root: Uint8Array, depth: number, index: number): string {
  let node = root;
  for (let level = depth - 1; level >= 0; level -= 1)
    node = referenceChild(node, ((index >>> level) & 1) === 0 ? 0 : 1);
  return hex(node);
}

const ROOT = new Uint8Array(32).fill(7);
const newRoot = (): TreeNode => treeRoot(Uint8Array.from(ROOT));

/** What can be computed of a tree from some nodes alone. */
function computable(nodes: readonly TreeNode[], leaves: number): readonly number[] {
  return Array.from({ length: leaves }, (_, index) => index).filter((index) => {
    try {
      deriveTreeLeaf(nodes, leaves, index).secret.dispose();
      return true;
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    }
  });
}

/** The least number of nodes that cover exactly these leaves, found by trying every set of nodes of the tree. */
function leastCover(leaves: number, wanted: ReadonlySet<number>): number {
  const depth = treeDepth(leaves);
  const places: TreePlace[] = [];
  for (let level = 0; level <= depth; level += 1)
    for (let position = 0; position < 2 ** level; position += 1) places.push({ depth: level, position });
  const usable = places
    .map((place) => leavesBelow(place, leaves))
    .filter((below) => below.length > 0 && below.every((index) => wanted.has(index)));
  let least = Infinity;
  for (let set = 0; set < 2 ** usable.length; set += 1) {
    const chosen = usable.filter((_, at) => ((set >>> at) & 1) === 1);
    if (new Set(chosen.flat()).size === wanted.size) least = Math.min(least, chosen.length);
  }
  return least;
}

describe('a tree of secrets', () => {
  it.each([1, 2, 3, 8, 13, 50, 129, 199, 200])('has the leaves that the labels say, of %d', (leaves) => {
    using root = newRoot().secret;
    const derived = deriveTreeLeaves([{ depth: 0, position: 0, secret: root }], leaves);
    expect(derived.map(({ index }) => index)).toEqual(Array.from({ length: leaves }, (_, index) => index));
    expect(derived.map(secretOf)).toEqual(
      derived.map(({ index }) => referenceLeaf(ROOT, treeDepth(leaves), index)),
    );
    expect(new Set(derived.map(secretOf)).size).toBe(leaves);
  });

  it('is as deep as its leaves need', () => {
    expect([1, 2, 3, 4, 5, 128, 129, 200].map(treeDepth)).toEqual([0, 1, 2, 2, 3, 7, 8, 8]);
    for (const bad of [0, 201, 1.5, NaN]) expect(() => treeDepth(bad)).toThrow(RangeError);
  });

  it('leaves exactly the living leaves to be computed, for every subset of ends of trees of up to 6 leaves', () => {
    for (let leaves = 1; leaves <= 6; leaves += 1) {
      for (let living = 0; living < 2 ** leaves; living += 1) {
        const isLiving = (index: number): boolean => ((living >>> index) & 1) === 1;
        const cover = coverOf(leaves, isLiving);
        const nodes = deriveTreeNodes([newRoot()], cover);
        const expected = Array.from({ length: leaves }, (_, index) => index).filter(isLiving);
        expect(computable(nodes, leaves)).toEqual(expected);
        expect(deriveTreeLeaves(nodes, leaves).map(secretOf)).toEqual(
          expected.map((index) => referenceLeaf(ROOT, treeDepth(leaves), index)),
        );
        expect(cover).toHaveLength(living === 0 ? 0 : leastCover(leaves, new Set(expected)));
      }
    }
  });

  it('leaves exactly the living leaves of 200, however they end, one after the other', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 200 }), (seed, ends) => {
        const random = seededRandom(seed);
        const living = new Set(Array.from({ length: 200 }, (_, index) => index));
        let nodes: readonly TreeNode[] = [newRoot()];
        for (let end = 0; end < ends; end += 1) {
          living.delete(random.pick([...living]));
          const before = nodes;
          nodes = deriveTreeNodes(
            before,
            coverOf(200, (index) => living.has(index)),
          );
          // A puncture adds the co-path of one leaf and takes the node above it away.
          expect(nodes.length - before.length).toBeLessThanOrEqual(7);
          disposeOfNodes(before);
        }
        expect(nodes.flatMap((node) => leavesBelow(node, 200))).toEqual([...living].sort((a, b) => a - b));
        expect(computable(nodes, 200)).toEqual([...living].sort((a, b) => a - b));
        // No two of them would do as one.
        for (const [place, { depth, position }] of nodes.entries()) {
          const next = nodes[place + 1];
          const isPair = position % 2 === 0 && next?.depth === depth && next.position === position + 1;
          expect(isPair).toBe(false);
        }
      }),
      { numRuns: 15 },
    );
  });

  it('counts a node by the leaves that it has: places beyond the last are nobody’s', () => {
    expect(coverOf(200, () => true)).toEqual([{ depth: 0, position: 0 }]);
    expect(coverOf(5, (index) => index === 4)).toEqual([{ depth: 1, position: 1 }]);
    expect(coverOf(129, (index) => index === 128)).toEqual([{ depth: 1, position: 1 }]);
    expect(coverOf(50, () => false)).toEqual([]);
  });

  it('computes nothing beside or above the nodes that are there', () => {
    const [node] = deriveTreeNodes([newRoot()], [{ depth: 2, position: 1 }]);
    if (node === undefined) throw new Error('it was derived');
    for (const place of [
      { depth: 0, position: 0 },
      { depth: 1, position: 0 },
      { depth: 2, position: 0 },
      { depth: 3, position: 4 },
    ])
      expect(() => deriveTreeNodes([node], [place])).toThrow(RangeError);
    expect(() => deriveTreeLeaf([newRoot()], 5, 5)).toThrow(RangeError);
    expect(() => treeNode({ depth: 1, position: 0 }, new Uint8Array(31))).toThrow(RangeError);
  });

  it('shows nothing of a node or leaf when it is printed, and wipes them', () => {
    const root = newRoot();
    const leaves = deriveTreeLeaves([root], 2);
    const [leaf] = leaves;
    if (leaf === undefined) throw new Error('it was derived');
    expect(inspect({ root, leaves }, { depth: 9 }) + JSON.stringify({ root, leaves })).not.toContain(
      secretOf(leaf).slice(0, 8),
    );
    const view = leaf.secret.use((bytes) => bytes);
    leaf.secret.dispose();
    expect(view.every((byte) => byte === 0)).toBe(true);
  });
});

describe('published vectors of the tree', () => {
  it.each(vectors.trees)('has leaves, nodes and cover of $leaves leaves', (tree) => {
    const root = treeRoot(bytesOf(tree.root));
    expect(tree.sample.map(({ index }) => secretOf(deriveTreeLeaf([root], tree.leaves, index)))).toEqual(
      tree.sample.map(({ leaf }) => leaf),
    );
    const ended = new Set(tree.ended);
    const cover = coverOf(tree.leaves, (index) => !ended.has(index));
    const nodes = deriveTreeNodes([root], cover);
    expect(
      nodes.map((node) => ({ depth: node.depth, position: node.position, node: secretOf(node) })),
    ).toEqual(tree.living);
  });

  it('has correction and commitments of a leaf', () => {
    const { context, holder, column, index, leaf: secret, share, correction, commitment } = vectors.leaf;
    const leaf = deriveTreeLeaf([treeNode({ depth: 8, position: index }, bytesOf(secret))], 200, index);
    expect(context).toEqual(SAMPLE_CONTEXT);
    expect(hex(shareCorrection(leaf, bytesOf(share)))).toBe(correction);
    expect(hex(shareCorrection(leaf, bytesOf(correction)))).toBe(share);
    expect(hex(shareCommitment(SAMPLE_CONTEXT, { holder, column }, leaf))).toBe(commitment);
    const node = treeNode({ depth: 8, position: index }, bytesOf(secret));
    expect(hex(nodeCommitment(SAMPLE_CONTEXT, holder, node))).toBe(vectors.leaf.nodeCommitment);
  });
});

describe('what is derived of a leaf', () => {
  const [leaf, other] = deriveTreeLeaves([newRoot()], 2);
  if (leaf === undefined || other === undefined) throw new Error('they were derived');
  const place = { holder: 'witness-1', column: 2 };

  it('is another value for each purpose, and none shows the leaf', () => {
    const zero = new Uint8Array(32);
    const node = treeNode(
      { depth: 1, position: 0 },
      leaf.secret.use((bytes) => Uint8Array.from(bytes)),
    );
    const values = [
      secretOf(leaf),
      hex(shareCorrection(leaf, zero)),
      hex(shareCommitment(SAMPLE_CONTEXT, place, leaf)),
      hex(nodeCommitment(SAMPLE_CONTEXT, 'witness-1', node)),
      hex(
        referenceChild(
          leaf.secret.use((bytes) => bytes),
          0,
        ),
      ),
      hex(
        referenceChild(
          leaf.secret.use((bytes) => bytes),
          1,
        ),
      ),
    ];
    expect(new Set(values).size).toBe(values.length);
  });

  it('binds a commitment to every field of the dealing, to holder, column, stream and leaf', () => {
    const commitment = shareCommitment(SAMPLE_CONTEXT, place, leaf);
    const fields = ['channel', 'bundleId', 'requestTxId', 'policyHash', 'dealer', 'dealingId'] as const;
    const others = [
      ...fields.map((field) => ({ ...SAMPLE_CONTEXT, [field]: `${SAMPLE_CONTEXT[field]}x` })),
      { ...SAMPLE_CONTEXT, epoch: 2 },
    ].map((context) => shareCommitment(context, place, leaf));
    others.push(
      shareCommitment(SAMPLE_CONTEXT, { ...place, holder: 'witness-2' }, leaf),
      shareCommitment(SAMPLE_CONTEXT, { ...place, column: 3 }, leaf),
      shareCommitment(SAMPLE_CONTEXT, place, { ...leaf, index: 1 }),
      shareCommitment(SAMPLE_CONTEXT, place, { ...other, index: 0 }),
    );
    expect(new Set([commitment, ...others].map(hex)).size).toBe(others.length + 1);
  });

  it('turns into any share by a correction, and into another one by another leaf', () => {
    const share = new Uint8Array(32).fill(0xa5);
    const correction = shareCorrection(leaf, share);
    expect(hex(shareCorrection(leaf, correction))).toBe(hex(share));
    expect(hex(shareCorrection(other, correction))).not.toBe(hex(share));
    expect(() => shareCorrection(leaf, new Uint8Array(31))).toThrow(RangeError);
  });
});
