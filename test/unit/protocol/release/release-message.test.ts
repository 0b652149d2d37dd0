import {
  deriveTreeNodes,
  entriesHash,
  hashText,
  nodeCommitment,
  openReleaseMessage,
  receiptHash,
  sealReleaseMessage,
  treeNode,
  type HpkePrimitives,
  type ReceiptEntry,
  type ReleaseContext,
  type ReleasedNodes,
} from '@eko/protocol/crypto';
import { NO_PREVIOUS_RECEIPT } from '../../../../client-sdk/protocol/src/release/receipt';
import { type ReleaseReceipt } from '@eko/protocol/rest';
import { nodeHpkePrimitives } from '@eko/protocol/node';
import { newX25519Key } from '../../../../client-sdk/protocol/src/node/x25519-key';
import { codedError } from '../../../support/coded-error';
import { flippedAtEveryByte, wrongLengths } from '../hostile-bytes';
import { SAMPLE_CONTEXT, hexOf, newSampleDealing } from '../sample-dealing';

const { roots } = newSampleDealing(3);
const partyKey = newX25519Key();
const context: ReleaseContext = {
  channel: 'trade',
  bundleId: SAMPLE_CONTEXT.bundleId,
  epoch: 1,
  witness: 'witness-1',
  party: 'initiator-1',
  permitTxId: 'ef'.repeat(32),
};
const receipt: ReleaseReceipt = {
  ...context,
  fence: 0,
  activationTxId: 'cd'.repeat(32),
  streams: [0, 1, 2],
  entriesHash: hashText(new Uint8Array(1)),
  sequence: 1,
  previousHash: NO_PREVIOUS_RECEIPT,
  atUnixMs: 1_800_000_000_000,
};
const released: readonly ReleasedNodes[] = ['orchestrator-2', 'orchestrator-1'].map((dealer, at) => ({
  dealer,
  nodes: deriveTreeNodes(
    [roots[2 + at]!],
    [
      { depth: 2, position: 0 },
      { depth: 1, position: 1 },
    ],
  ),
}));
const sealing = {
  context,
  partyPublicKey: partyKey.publicKey,
  receiptHash: receiptHash(receipt),
  released,
};
const sealed = sealReleaseMessage(sealing, nodeHpkePrimitives);
const opening = { context, partyKey, receiptHash: receiptHash(receipt), sealed };
const openNodes = ({ dealer, nodes }: ReleasedNodes) =>
  nodes.map(({ depth, position, secret }) => ({ dealer, depth, position, secret: hexOf(secret) }));

describe('release message', () => {
  it('gives the party every node by its dealer, in one order', () => {
    const opened = openReleaseMessage(opening, nodeHpkePrimitives);
    const inOrder = [...released].reverse();
    expect(opened.released.map(openNodes)).toEqual(inOrder.map(openNodes));
  });

  it('wipes every node on disposal', () => {
    const opened = openReleaseMessage(opening, nodeHpkePrimitives);
    const views = opened.released.flatMap(({ nodes }) =>
      nodes.map(({ secret }) => secret.use((bytes) => bytes)),
    );
    opened[Symbol.dispose]();
    expect(views).toHaveLength(4);
    expect(views.every((bytes) => bytes.every((byte) => byte === 0))).toBe(true);
  });

  it('opens for this party, witness, permit and receipt alone', () => {
    const changes: Partial<ReleaseContext>[] = [
      { channel: 'other' },
      { bundleId: '6f1f2a52-7f6e-4f51-9f5a-0d3c1b8c1a02' },
      { epoch: 2 },
      { witness: 'witness-2' },
      { party: 'provider-1' },
      { permitTxId: 'ab'.repeat(32) },
    ];
    expect(changes.map((change) => Object.keys(change)[0])).toEqual(Object.keys(context));
    const attempts = [
      ...changes.map((change) => ({ ...opening, context: { ...context, ...change } })),
      { ...opening, partyKey: newX25519Key() },
      { ...opening, receiptHash: receiptHash({ ...receipt, sequence: 2 }) },
    ];
    for (const attempt of attempts) {
      expect(codedError(() => openReleaseMessage(attempt, nodeHpkePrimitives)).code).toBe('ENVELOPE_INVALID');
    }
  });

  it('refuses every flip and every cut', () => {
    for (const bytes of [...flippedAtEveryByte(sealed), ...wrongLengths(sealed)]) {
      const open = () => openReleaseMessage({ ...opening, sealed: bytes }, nodeHpkePrimitives);
      expect(codedError(open).code).toBe('ENVELOPE_INVALID');
    }
  });

  it('seals the nodes of each dealer once, from left to right, none below another', () => {
    const [one] = released;
    if (one === undefined) throw new Error('two dealers have released');
    const [left, right] = one.nodes;
    const [below] = deriveTreeNodes(one.nodes, [{ depth: 2, position: 2 }]);
    if (left === undefined || right === undefined || below === undefined) throw new Error('two nodes each');
    const nodesOf = (...nodes: (typeof left)[]): ReleasedNodes[] => [{ dealer: 'orchestrator-1', nodes }];
    const manyDealers = Array.from({ length: 9 }, (_, i) => ({ ...one, dealer: `orchestrator-${i}` }));
    const many = Array.from({ length: 101 }, (_, position) =>
      treeNode({ depth: 8, position }, new Uint8Array(32)),
    );
    for (const bad of [
      [],
      [...released, one],
      manyDealers,
      nodesOf(),
      nodesOf(right, left),
      nodesOf(left, left),
      nodesOf(right, below),
      nodesOf(...many),
    ]) {
      expect(() => sealReleaseMessage({ ...sealing, released: bad }, nodeHpkePrimitives)).toThrow(RangeError);
    }
  });

  it('carries the most nodes of the largest bundle, of the most dealers', () => {
    const largest = Array.from({ length: 8 }, (_, i) => ({
      dealer: `orchestrator-${i}`,
      nodes: Array.from({ length: 100 }, (__, at) =>
        treeNode({ depth: 8, position: 2 * at }, new Uint8Array(32).fill(at)),
      ),
    }));
    const bytes = sealReleaseMessage({ ...sealing, released: largest }, nodeHpkePrimitives);
    const opened = openReleaseMessage({ ...opening, sealed: bytes }, nodeHpkePrimitives);
    expect(opened.released.flatMap(({ nodes }) => nodes)).toHaveLength(800);
  });
});

describe('what a witness may have put inside a release', () => {
  function sealPlaintext(plaintext: readonly number[]): Uint8Array {
    const { aead } = nodeHpkePrimitives;
    const hostile: HpkePrimitives = {
      ...nodeHpkePrimitives,
      aead: { ...aead, seal: (key, nonce, aad) => aead.seal(key, nonce, aad, Uint8Array.from(plaintext)) },
    };
    return sealReleaseMessage(sealing, hostile);
  }
  const node = (depth: number, position: number) => [depth, position, ...new Uint8Array(32)];
  const [A, B] = [
    [1, 0x61],
    [1, 0x62],
  ] as const;

  it('opens a list that keeps the rules', () => {
    const plaintext = [2, ...A, 2, ...node(8, 5), ...node(3, 7), ...B, 1, ...node(0, 0)];
    const opened = openReleaseMessage({ ...opening, sealed: sealPlaintext(plaintext) }, nodeHpkePrimitives);
    const places = opened.released.map(({ dealer, nodes }) => [
      dealer,
      ...nodes.map(({ depth, position }) => [depth, position]),
    ]);
    expect(places).toEqual([
      ['a', [8, 5], [3, 7]],
      ['b', [0, 0]],
    ]);
  });

  it.each([
    ['nothing', []],
    ['no dealer', [0]],
    ['no node', [1, ...A, 0]],
    ['dealers out of order', [2, ...B, 1, ...node(0, 0), ...A, 1, ...node(0, 0)]],
    ['a dealer twice', [2, ...A, 1, ...node(0, 0), ...A, 1, ...node(0, 0)]],
    ['a dealer of nothing', [2, ...A, 1, ...node(0, 0), ...B, 0]],
    ['a dealer less than it claims', [2, ...A, 1, ...node(0, 0)]],
    ['a node twice', [1, ...A, 2, ...node(1, 0), ...node(1, 0)]],
    ['nodes out of order', [1, ...A, 2, ...node(1, 1), ...node(1, 0)]],
    ['a node below another', [1, ...A, 2, ...node(1, 0), ...node(2, 1)]],
    ['a node above another', [1, ...A, 2, ...node(2, 1), ...node(1, 0)]],
    ['a node that is too deep', [1, ...A, 1, ...node(9, 0)]],
    ['a place that its depth has not', [1, ...A, 1, ...node(2, 4)]],
    ['a node less than it claims', [1, ...A, 2, ...node(1, 0)]],
    ['a byte more', [1, ...A, 1, ...node(0, 0), 0]],
    ['a name that is no text', [1, 1, 0xff, 1, ...node(0, 0)]],
    ['101 nodes', [1, ...A, 101, ...Array.from({ length: 101 }, (_, i) => node(8, i)).flat()]],
    ['9 dealers', [9, ...Array.from({ length: 9 }, (_, i) => [1, 0x61 + i, 1, ...node(0, 0)]).flat()]],
  ])('refuses %s', (_, plaintext) => {
    const open = () =>
      openReleaseMessage({ ...opening, sealed: sealPlaintext(plaintext) }, nodeHpkePrimitives);
    expect(codedError(open).code).toBe('ENVELOPE_INVALID');
  });
});

describe('receipt', () => {
  const listed: readonly ReceiptEntry[] = released.flatMap(({ dealer, nodes }) =>
    nodes.map((node) => ({
      dealer,
      dealingId: SAMPLE_CONTEXT.dealingId,
      sheetHash: hashText(new Uint8Array(2)),
      depth: node.depth,
      position: node.position,
      commitment: nodeCommitment({ ...SAMPLE_CONTEXT, dealer }, 'witness-1', node),
    })),
  );

  it('hashes its entries in whatever order they come', () => {
    expect(entriesHash([...listed].reverse())).toBe(entriesHash(listed));
  });

  it('hashes any change of an entry to something else', () => {
    const [first, ...rest] = [listed[0]!, ...listed.slice(1)];
    const changed: Partial<ReceiptEntry>[] = [
      { dealer: 'orchestrator-3' },
      { dealingId: 'B'.repeat(21) + 'A' },
      { sheetHash: hashText(new Uint8Array(3)) },
      { depth: 7 },
      { position: 9 },
      { commitment: new Uint8Array(32) },
    ];
    const hashes = changed.map((change) => entriesHash([{ ...first, ...change }, ...rest]));
    expect(new Set([...hashes, entriesHash(listed), entriesHash(rest)]).size).toBe(changed.length + 2);
  });

  it('commits to a node with its place, its dealing and its witness', () => {
    const [first] = released.flatMap(({ nodes }) => nodes);
    if (first === undefined) throw new Error('nodes were released');
    const commitments = [
      nodeCommitment(SAMPLE_CONTEXT, 'witness-1', first),
      nodeCommitment({ ...SAMPLE_CONTEXT, dealer: 'orchestrator-2' }, 'witness-1', first),
      nodeCommitment(SAMPLE_CONTEXT, 'witness-2', first),
      nodeCommitment(SAMPLE_CONTEXT, 'witness-1', { ...first, depth: 3 }),
      nodeCommitment(SAMPLE_CONTEXT, 'witness-1', { ...first, position: 1 }),
    ];
    expect(new Set(commitments.map((bytes) => Buffer.from(bytes).toString('hex'))).size).toBe(5);
  });

  it('chains by the hash of the whole receipt', () => {
    const hashes = [
      receiptHash(receipt),
      receiptHash({ ...receipt, previousHash: receiptHash(receipt) }),
      receiptHash({ ...receipt, atUnixMs: receipt.atUnixMs + 1 }),
    ];
    expect(new Set(hashes).size).toBe(3);
    expect(NO_PREVIOUS_RECEIPT).toBe('A'.repeat(43));
  });
});
