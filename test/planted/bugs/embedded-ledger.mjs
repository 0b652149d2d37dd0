/** Bugs in the development ledger, against what Fabric does. @type {import('../run.mjs').Bug[]} */
const SRC = 'network/embedded/src';
const TESTS = 'test/unit/embedded';

export const bugs = [
  {
    file: `${SRC}/state/validation.ts`,
    what: 'what was read may have changed meanwhile',
    find: "if (!isFresh) return 'MVCC_READ_CONFLICT';",
    replace: '',
    test: 'test/unit/chaincode/domain/request-streams.test.ts',
  },
  {
    file: `${SRC}/state/validation.ts`,
    what: 'a key that came into a range that was read is not noticed',
    find: "return set.ranges.every((range) => isUnchanged(range, view)) ? undefined : 'PHANTOM_READ_CONFLICT';",
    replace: 'return undefined;',
    test: `${TESTS}/harness/contract-harness.test.ts`,
  },
  {
    file: `${SRC}/state/version.ts`,
    what: 'two versions of one block are the same',
    find: 'a.blockNumber === b.blockNumber && a.txNumber === b.txNumber',
    replace: 'a.blockNumber === b.blockNumber',
    test: `${TESTS}/state/validation.test.ts`,
  },
  {
    file: `${SRC}/state/key-order.ts`,
    what: 'keys are ordered by UTF-16 units, not as Fabric does',
    find: 'if (isSurrogate(left) === isSurrogate(right)) return left - right;',
    replace: 'return left - right;',
    test: `${TESTS}/harness/contract-harness.test.ts`,
  },
  {
    file: `${SRC}/ledger/block-file.ts`,
    what: 'a block is acknowledged before the disk has it',
    find: 'await this.#file.appendFile(record);\n    await this.#file.datasync();',
    replace: 'await this.#file.appendFile(record);',
    test: `${TESTS}/ledger/block-file.test.ts`,
  },
  {
    file: `${SRC}/ledger/block-file.ts`,
    what: 'a block with flipped bytes is read as it is',
    find: 'if (header.readUInt32BE(8) !== crc32(body)) throw corrupt(blockNumber, offset);',
    replace: '',
    test: `${TESTS}/ledger/block-file.test.ts`,
  },
  {
    file: `${SRC}/ledger/block-file.ts`,
    what: 'half a block at the end stays in the file',
    find: 'await file.truncate(end);',
    replace: '',
    test: `${TESTS}/ledger/block-file.test.ts`,
  },
  {
    file: `${SRC}/ledger/block-cutter.ts`,
    what: 'a block takes more transactions than it may',
    find: 'this.#waiting.splice(0, this.#cutting.maxMessageCount)',
    replace: 'this.#waiting.splice(0)',
    test: `${TESTS}/ledger/block-cutter.test.ts`,
  },
  {
    file: 'network/msp/src/membership.ts',
    what: 'the signature of a caller is not looked at',
    find: 'if (!isSignedBy(member.publicKey, message, signature)) throw this.#denied(member.mspId);',
    replace: '',
    test: 'test/unit/msp/membership.test.ts',
  },
  {
    file: 'network/msp/src/membership.ts',
    what: 'whoever has two roles has the first',
    find: 'return roles.length === 1 ? roles[0] : undefined;',
    replace: 'return roles[0];',
    test: 'test/unit/msp/membership.test.ts',
  },
  {
    file: 'network/msp/src/membership.ts',
    what: 'a certificate that its authority has not signed is taken',
    find: 'return isRootValid && certificate.checkIssued(root) && certificate.verify(root.publicKey);',
    replace: 'return isRootValid && certificate.checkIssued(root);',
    test: 'test/unit/msp/membership.test.ts',
  },
  {
    file: 'client-sdk/protocol/src/node/ecdsa-signature.ts',
    what: 'signatures with a high S are taken, which Fabric refuses',
    find: 'return isLowS(readS(signature)) && verify(',
    replace: 'return verify(',
    test: 'test/unit/msp/membership.test.ts',
  },
];
