/** Bugs in the tree of secrets: what is dealt, kept, released, cut out and blamed. @type {import('../run.mjs').Bug[]} */
const PROTOCOL = 'client-sdk/protocol/src';
const WITNESS = 'network/witness/src';
const SDK = 'client-sdk/sdk/src/collection';
const TREE = 'test/unit/protocol/crypto/secret-tree.test.ts';
const PUNCTURE = 'test/unit/witness/service/puncture.test.ts';
const RELEASE = 'test/unit/witness/service/release-shares.test.ts';
const BLAME = 'test/unit/sdk/collection/blame.test.ts';
const ENDED = 'test/unit/sdk/collection/ended-streams.test.ts';
const COLLECT = 'test/unit/sdk/collection/collect-keys.test.ts';

export const bugs = [
  {
    file: `${PROTOCOL}/crypto/secret-tree.ts`,
    what: 'both children of a node are the same',
    find: 'CHILD_LABELS[side === 0 ? 0 : 1]',
    replace: 'CHILD_LABELS[0]',
    test: TREE,
  },
  {
    file: `${PROTOCOL}/crypto/secret-tree.ts`,
    what: 'a node covers a leaf that is not wanted',
    find: 'if (wanted === below.length || place.depth === depth) {',
    replace: 'if (wanted >= below.length - 1 || place.depth === depth) {',
    test: TREE,
  },
  {
    file: `${PROTOCOL}/crypto/secret-tree.ts`,
    what: 'a cover has a node for each leaf',
    find: 'if (wanted === below.length || place.depth === depth) {',
    replace: 'if (place.depth === depth) {',
    test: TREE,
  },
  {
    file: `${PROTOCOL}/dealing/leaf-share.ts`,
    what: 'a commitment says nothing of whose it is',
    find: '    holder,\n    uint32Bytes(column),',
    replace: "    '',\n    uint32Bytes(0),",
    test: TREE,
  },
  {
    file: `${WITNESS}/service/take-envelope.ts`,
    what: 'a witness acknowledges leaves that do not hold their commitments',
    find: '    for (const leaf of leaves) ',
    replace: '    for (const leaf of leaves.slice(leaves.length)) ',
    test: 'test/unit/witness/service/take-envelope.test.ts',
  },
  {
    file: `${WITNESS}/service/destroy-shares.ts`,
    what: 'the old node is overwritten before the book speaks for the new ones',
    find: 'if (state.held.length > 0) await book.write([bundleId]);',
    replace: '',
    test: PUNCTURE,
  },
  {
    file: `${WITNESS}/service/destroy-shares.ts`,
    what: 'the book speaks for new nodes that are not on the disk',
    find: 'await storeBelow(deps, bundleId, { ...dealing, nodes: going }, fresh.nodes);',
    replace: '',
    test: PUNCTURE,
  },
  {
    file: `${WITNESS}/service/destroy-shares.ts`,
    what: 'the old node stays where it is',
    find: 'toDestroy: [...toDestroy, { ...dealing, nodes: going }],',
    replace: '',
    test: PUNCTURE,
  },
  {
    file: `${WITNESS}/service/witness-shell.ts`,
    what: 'a start leaves stored what its book has as ended',
    find: 'if (isDestructionDue(state)) await this.#destroy(state.bundle.bundleId);',
    replace: '',
    test: PUNCTURE,
  },
  {
    file: `${WITNESS}/core/witness-state.ts`,
    what: 'a destruction is attested before it has happened',
    find: ' || isDestructionDue(state)) return [];',
    replace: ') return [];',
    test: PUNCTURE,
  },
  {
    file: `${WITNESS}/service/release-shares.ts`,
    what: 'a permit for a part gives the node that is stored',
    find: 'deriveTreeNodes(kept, coverOf(streams, isAsked))',
    replace: 'deriveTreeNodes(kept, above)',
    test: RELEASE,
  },
  {
    file: `${SDK}/release-answer.ts`,
    what: 'a party takes more from a witness than its receipt names',
    find: 'isBeyondReceipt(entry, receipt.streams, streams)',
    replace: 'isBeyondReceipt(entry, receipt.streams, 1)',
    test: BLAME,
  },
  {
    file: `${SDK}/stream-combiner.ts`,
    what: 'a dealer is blamed for the share of a witness',
    find: 'if (witnesses.length > 0) {',
    replace: 'if (witnesses.length > 16) {',
    test: COLLECT,
  },
  {
    file: `${SDK}/stream-combiner.ts`,
    what: 'a dealer is convicted by a leaf that it did not commit to',
    find: '    for (const { holder, leaf } of leaves) verifyLeafAgainstSheet(dealing.checked, holder, leaf);\n',
    replace: '',
    test: BLAME,
  },
  {
    file: `${SDK}/stream-combiner.ts`,
    what: 'an answer that comes after the end of a stream is kept as it came',
    find: '    answer.forget(this.#isEnded, this.#streams);\n    return',
    replace: '    return',
    test: ENDED,
  },
  {
    file: `${SDK}/collection-run.ts`,
    what: 'what gave a key is kept after the end of its stream',
    find: '      this.#checks?.combiner.forget(index);\n      if (!unfinished.includes(index)) continue;',
    replace: '      if (!unfinished.includes(index)) continue;\n      this.#checks?.combiner.forget(index);',
    test: ENDED,
  },
  {
    file: `${SDK}/collection-run.ts`,
    what: 'the own envelopes give the leaves of a stream that ended before they came',
    find: 'for (const index of this.#ended) combiner.forget(index);',
    replace: '',
    test: ENDED,
  },
  {
    file: `${SDK}/wrong-share-proof.ts`,
    what: 'a witness is convicted by another node than its receipt has',
    find: 'if (!equalBytes(nodeCommitment(context, witness, node), commitment))',
    replace: 'if (commitment.length === 0)',
    test: 'test/unit/sdk/collection/second-dealing.test.ts',
  },
  {
    file: `${PROTOCOL}/dealing/leaf-share.ts`,
    what: 'a share is published as it is',
    find: 'const result = bytes.map((byte, at) => byte ^ (pad[at] ?? 0));',
    replace: 'const result = bytes.map((byte) => byte);',
    test: TREE,
  },
  {
    file: 'client-sdk/sdk/src/collection/wrong-share-proof.ts',
    what: 'a witness is convicted by a sheet that its dealer signed for holders in another order',
    find: 'const isCommitted = published.some((entry, column) =>',
    replace: 'const isCommitted = published.some((entry, column) => holders[column] === witness &&',
    test: 'test/unit/sdk/collection/second-dealing.test.ts',
  },
  {
    file: 'network/witness/src/core/decide-delivery.ts',
    what: 'a dealing that comes late is taken for a column of another holder',
    find: 'position !== holdersOf(state.bundle, state.record.selection).indexOf(nodeId) ||',
    replace: '',
    test: 'test/unit/witness/service/late-dealing.test.ts',
  },
];
