/** Bugs in the contracts. @type {import('../run.mjs').Bug[]} */
const SRC = 'chaincode/src';
const TESTS = 'test/unit/chaincode';

export const bugs = [
  {
    file: `${SRC}/domain/request-streams.ts`,
    what: "another party's identical request is answered with the first party's bundle",
    find: 'if (bundle.initiator !== initiator)',
    replace: 'if (bundle.initiator === "")',
    test: `${TESTS}/domain/request-streams.test.ts`,
  },
];
