/** Bugs in what the history checker finds. @type {import('../run.mjs').Bug[]} */
const HISTORY = 'client-sdk/audit/src';
const PLANTED = 'test/history/planted-violations.test.ts';

export const bugs = [
  {
    file: `${HISTORY}/written-rule.ts`,
    what: 'a record may hold anything, if its event is right',
    find: 'else if (!isSame(value, record))',
    replace: 'else if (value === undefined && !isSame(value, record))',
    test: PLANTED,
  },
  {
    file: `${HISTORY}/written-rule.ts`,
    what: 'an event may come without its record',
    find: 'for (const key of missing)',
    replace: 'for (const key of missing.slice(missing.length))',
    test: PLANTED,
  },
  {
    file: `${HISTORY}/assignment-rule.ts`,
    what: 'one organisation may have all seats because the others are gone',
    find: 'recomputeAssignment({ channel, bundle, acceptance, candidates, earlier, organisations })',
    replace:
      'recomputeAssignment({ channel, bundle, acceptance, candidates, earlier, organisations: Math.min(1, organisations) })',
    test: PLANTED,
  },
  {
    file: `${HISTORY}/derived-records.ts`,
    what: 'a request may wait in a slot that is taken',
    find: 'nowUnixMs >= before.untilUnixMs',
    replace: 'nowUnixMs >= 0',
    test: PLANTED,
  },
  {
    file: `${HISTORY}/file-lines.ts`,
    what: 'what follows a line that is too long counts as a part of it',
    find: '      passedOver = 0;\n',
    replace: '',
    test: 'test/unit/audit/receipt-file.test.ts',
  },
  {
    file: `${HISTORY}/kept-bundle.ts`,
    what: 'what was asked stays in memory for ever',
    find: 'requests: bundle.requests.map(() => ASKED)',
    replace: 'requests: bundle.requests.map((asked) => ({ ...ASKED, ...asked }))',
    test: 'test/history/kept-state.test.ts',
  },
  {
    file: `${HISTORY}/submitter.ts`,
    what: 'whoever has a certificate is taken for an administrator',
    find: "isAdmin: role === 'admin'",
    replace: "isAdmin: role !== 'peer'",
    test: 'test/unit/audit/submitter.test.ts',
  },
  {
    file: 'client-sdk/sdk/src/ledger/protobuf-message.ts',
    what: 'a submitter hides a transaction from checkers by bits of its type that peers drop',
    find: 'Number(BigInt.asIntN(32, this.number(field)))',
    replace: 'Number(this.number(field))',
    test: 'test/unit/audit/chain/transaction-forms.test.ts',
  },
  {
    file: 'client-sdk/sdk/src/ledger/protobuf-message.ts',
    what: 'a submitter hides a transaction from checkers by a field in another wire type',
    find: "this.#fields.get(field)?.findLast((value) => typeof value === 'bigint')",
    replace: "[this.#fields.get(field)?.at(-1)].find((value) => typeof value === 'bigint')",
    test: 'test/unit/audit/chain/transaction-forms.test.ts',
  },
  {
    file: `${HISTORY}/receipt-rules.ts`,
    what: 'a witness is accused by receipts that somebody else wrote in its name',
    find: 'isSigned(LABELS.receiptSignature, receipt, signature, registry.signKeysOf(witness))',
    replace: 'isSigned(LABELS.receiptSignature, receipt, signature, registry.signKeysOf(witness)) || true',
    test: PLANTED,
  },
];
