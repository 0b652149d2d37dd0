/** Bugs in attestations: who signs, submits, gathers and checks them. @type {import('../run.mjs').Bug[]} */
const CONTRACT = 'test/unit/chaincode/domain/gathered-attestations.test.ts';
const PLAN = 'client-sdk/sdk/src/attestations/attestation-plan.ts';
const SENDER = 'test/unit/sdk/attestations/attestation-sender.test.ts';
const GATHERER = 'network/orchestrator/src/service/gatherer.ts';
const GATHERER_TEST = 'test/unit/orchestrator/service/gatherer.test.ts';
const HISTORY = 'test/history/planted-violations.test.ts';

export const bugs = [
  {
    file: 'chaincode/src/domain/attest-destruction.ts',
    what: 'whoever submits an attestation can make it up',
    find: '  verifyAttestation(call.channel, attestation, node.keys.sign, verify.signature);\n',
    replace:
      '  if (nodeId === by) verifyAttestation(call.channel, attestation, node.keys.sign, verify.signature);\n',
    test: CONTRACT,
  },
  {
    file: 'chaincode/src/domain/attest-destruction.ts',
    what: 'one attestation that does not hold costs all that come with it',
    find: 'if (attestations.length === 0 && refusal !== undefined) throw refusal;',
    replace: 'if (refusal !== undefined) throw refusal;',
    test: CONTRACT,
  },
  {
    file: 'chaincode/src/domain/attest-destruction.ts',
    what: 'what others submit of a witness is held against its own word, and makes them wait for each other',
    find: 'if (nodeId === by) await requireReceiptsGoOn(node, receipts, ledger);',
    replace: 'if (by !== "") await requireReceiptsGoOn(node, receipts, ledger);',
    test: CONTRACT,
  },
  {
    file: PLAN,
    what: 'what a gatherer drops its node never submits',
    find: 'dueAtMs: nowMs + (gatherer === undefined ? 0 : ownAfterMs),',
    replace: 'dueAtMs: nowMs + (gatherer === undefined ? 0 : Infinity * ownAfterMs),',
    test: SENDER,
  },
  {
    file: PLAN,
    what: 'what ends later of a bundle is not handed over',
    find: "return streams !== 'all' && streams.every((index) => handed.includes(index));",
    replace: 'return handed.length > 0;',
    test: SENDER,
  },
  {
    file: GATHERER,
    what: 'a node hands over what another is to have attested',
    find: '    if (nodeId !== from)\n',
    replace: '    if (nodeId === "")\n',
    test: GATHERER_TEST,
  },
  {
    file: GATHERER,
    what: 'what is handed over is not held against its signature',
    find: '    verifyAttestation(ledger.channel, attestation, node.keys.sign, verify);\n',
    replace:
      '    if (node.keys.sign === "") verifyAttestation(ledger.channel, attestation, node.keys.sign, verify);\n',
    test: GATHERER_TEST,
  },
  {
    file: 'network/orchestrator/src/core/gathering.ts',
    what: 'one attestation that is handed over again and again fills transactions',
    find: '      if (isKnown(state, attestation)) return { next: state, isTaken: true };\n',
    replace:
      '      if (isKnown(state, attestation) && gatherMs < 0) return { next: state, isTaken: true };\n',
    test: 'test/unit/orchestrator/core/gathering.test.ts',
  },
  {
    file: 'network/orchestrator/src/core/gathering.ts',
    what: 'what fails is gathered for ever, and keeps others out',
    find: 'each.failures + 1 < MOST_FAILURES ?',
    replace: 'MOST_FAILURES > 0 ?',
    test: 'test/unit/orchestrator/core/gathering.test.ts',
  },
  {
    file: 'network/witness/src/service/own-beat.ts',
    what: 'receipts that only others have shown the witness never shows itself',
    find: 'if (event.name !== EVENTS.destructionAttested || event.payload.record.by !== nodeId) return undefined;',
    replace: 'if (event.name !== EVENTS.destructionAttested) return undefined;',
    test: 'test/unit/witness/service/own-beat.test.ts',
  },
  {
    file: 'client-sdk/audit/src/attestation-rules.ts',
    what: 'the checker believes what others submit in the name of a node',
    find: 'if (key === undefined || !isSigned(LABELS.destructionSignature, statement, signature, [key]))',
    replace: 'if (key === undefined && !isSigned(LABELS.destructionSignature, statement, signature, []))',
    test: HISTORY,
  },
  {
    file: 'client-sdk/audit/src/receipt-heads.ts',
    what: 'a fork of receipts in what others submit is not seen',
    find: 'if (sameHash !== undefined && sameHash !== head.hash && !(isBehind && head.number === 0))',
    replace:
      'if (isOwn && sameHash !== undefined && sameHash !== head.hash && !(isBehind && head.number === 0))',
    test: HISTORY,
  },
];
