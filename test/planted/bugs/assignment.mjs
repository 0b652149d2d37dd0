/** Bugs in who is assigned to deal, and who comes after. @type {import('../run.mjs').Bug[]} */
const PROTOCOL = 'client-sdk/protocol/src';
const CHAINCODE = 'chaincode/src/domain';
const ORCHESTRATOR = 'network/orchestrator/src';

export const bugs = [
  {
    file: `${PROTOCOL}/selection/rendezvous.ts`,
    what: 'an organisation that sat is taken again before others',
    find: '([mspId]) => timesSat(earlier, (each) => each.mspId === mspId),',
    replace: '() => 0,',
    test: 'test/unit/protocol/selection/orchestrator-assignment.test.ts',
  },
  {
    file: `${PROTOCOL}/selection/rendezvous.ts`,
    what: 'an organisation’s place follows from the best of its nodes, so that many buy it',
    find: '([mspId]) => labelledHash(LABELS.organisationRank, seed, fence, mspId),',
    replace:
      '([, nodes]) => nodes.map(({ nodeId }) => labelledHash(LABELS.orchestratorRank, seed, fence, nodeId)).sort(compareBytes)[0] ?? seed,',
    test: 'test/unit/protocol/selection/assignment-odds.test.ts',
  },
  {
    file: `${PROTOCOL}/selection/rendezvous.ts`,
    what: 'each node counts as an organisation of its own',
    find: '  const organisations = ranked(',
    replace:
      '  candidates = candidates.map((each) => ({ ...each, mspId: each.nodeId }));\n  const organisations = ranked(',
    test: 'test/unit/protocol/selection/assignment-odds.test.ts',
  },
  {
    file: `${PROTOCOL}/selection/rendezvous.ts`,
    what: 'a node that sat is taken again although its organisation has others',
    find: '({ nodeId }) => timesSat(earlier, (each) => each.nodeId === nodeId),',
    replace: '() => 0,',
    test: 'test/unit/protocol/selection/orchestrator-assignment.test.ts',
  },
  {
    file: `${PROTOCOL}/selection/rendezvous.ts`,
    what: 'a later set may have fewer organisations than the first',
    find: 'if (organisations.length < needed)',
    replace: 'if (organisations.length < 1)',
    test: 'test/unit/protocol/selection/orchestrator-assignment.test.ts',
  },
  {
    file: `${PROTOCOL}/selection/assignment-seed.ts`,
    what: 'the provider’s output is no part of the seed, so that an initiator can try transactions',
    find: '(output === undefined ? [] : [output])',
    replace: '(output === undefined ? [] : [])',
    test: 'test/unit/protocol/selection/assignment-seed.test.ts',
  },
  {
    file: `${PROTOCOL}/selection/assignment-seed.ts`,
    what: 'a provider that is asked may consent without a proof',
    find: 'if (providerVrf === undefined && proof === undefined)',
    replace: 'if (proof === undefined)',
    test: 'test/unit/protocol/selection/assignment-seed.test.ts',
  },
  {
    file: `${PROTOCOL}/selection/selection-seed.ts`,
    what: 'a dealer’s proof is the same at every fence',
    find: 'uint32Bytes(assignment.fence),',
    replace: 'uint32Bytes(0),',
    test: 'test/unit/protocol/selection/selection.test.ts',
  },
  {
    file: `${PROTOCOL}/selection/selection-seed.ts`,
    what: 'a dealer’s proof does not depend on the seed, so that it can be made before consent',
    find: 'decodeBase64Url(assignment.seed, HASH_BYTES),',
    replace: 'new Uint8Array(HASH_BYTES + 0 * decodeBase64Url(assignment.seed).length),',
    test: 'test/unit/protocol/selection/selection.test.ts',
  },
  {
    file: `${PROTOCOL}/limits.ts`,
    what: 'a lease is shorter for those whose replacers stamp ahead',
    find: 'replacedAfterMs: 16_000',
    replace: 'replacedAfterMs: 10_000',
    test: 'test/unit/chaincode/domain/reassign-orchestrators.test.ts',
  },
  {
    file: `${PROTOCOL}/limits.ts`,
    what: 'stamping ahead throws honest dealers out before their lease is over',
    find: 'replacedAfterMs: 16_000',
    replace: 'replacedAfterMs: 8_000',
    test: 'test/unit/protocol/selection/assignment-odds.test.ts',
  },
  {
    file: `${PROTOCOL}/selection/rendezvous.ts`,
    what: 'a stalling organisation with several orchestrators comes to be all dealers',
    find: '  const organisations = ranked(',
    replace:
      '  candidates = candidates.map((each) => ({ ...each, mspId: each.nodeId }));\n  const organisations = ranked(',
    test: 'test/unit/chaincode/domain/takeover.test.ts',
  },
  {
    file: `${CHAINCODE}/reassign-orchestrators.ts`,
    what: 'a set is replaced before its lease is over',
    find: 'if (call.nowUnixMs < dueUnixMs)',
    replace: 'if (call.nowUnixMs < atUnixMs)',
    test: 'test/unit/chaincode/domain/reassign-orchestrators.test.ts',
  },
  {
    file: `${CHAINCODE}/reassign-orchestrators.ts`,
    what: 'there is a fence after the last',
    find: 'if (next >= LIMITS.fences)',
    replace: 'if (next > LIMITS.fences)',
    test: 'test/unit/chaincode/domain/reassign-orchestrators.test.ts',
  },
  {
    file: `${CHAINCODE}/assignments.ts`,
    what: 'who came, or changed its key, after the request can be assigned',
    find: 'settledEntries(entries, bundle.orchestratorRosterVersion)',
    replace: 'settledEntries(entries, bundle.orchestratorRosterVersion + 1_000)',
    test: 'test/unit/chaincode/domain/reassign-orchestrators.test.ts',
  },
  {
    file: `${ORCHESTRATOR}/core/reassign-step.ts`,
    what: 'nobody asks for the next set',
    find: 'moment.unixMs < atUnixMs + LIMITS.replacedAfterMs + turnMs',
    replace: 'moment.unixMs < atUnixMs + 9 * LIMITS.replacedAfterMs + turnMs',
    test: 'test/unit/orchestrator/core/stalling-organisation.test.ts',
  },
  {
    file: `${ORCHESTRATOR}/service/vrf-prover.ts`,
    what: 'the proof of the first assignment is given for the next one',
    find: 'const name = `${state.bundle.bundleId}/${state.assignment.fence}`;',
    replace: 'const name = state.bundle.bundleId;',
    test: 'test/unit/orchestrator/service/vrf-prover.test.ts',
  },
  {
    file: 'chaincode/src/domain/assignments.ts',
    what: 'one organisation has all seats because the others changed their keys while a request waited',
    find: '    organisations: organisationsAt(entries, bundle.orchestratorRosterVersion),\n',
    replace: '',
    test: 'test/unit/chaincode/domain/consent.test.ts',
  },
];
