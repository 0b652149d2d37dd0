/** Bugs in who is let in, and what changes a node's record. @type {import('../run.mjs').Bug[]} */
const CHAINCODE = 'chaincode/src/domain';
const APPROVAL = 'test/unit/chaincode/domain/node-approval.test.ts';

export const bugs = [
  {
    file: `${CHAINCODE}/node-registry.ts`,
    what: 'a node takes part before its organisation has vouched for it',
    find: "status: isActive ? 'active' : 'pending',",
    replace: "status: 'active',",
    test: APPROVAL,
  },
  {
    file: `${CHAINCODE}/vouching.ts`,
    what: 'an administrator of any organisation approves',
    find: "submitter.role === 'admin' && submitter.mspId === mspId",
    replace: "submitter.role === 'admin'",
    test: APPROVAL,
  },
  {
    file: `${CHAINCODE}/vouching.ts`,
    what: 'any member of the organisation approves',
    find: "submitter.role === 'admin' && submitter.mspId === mspId",
    replace: 'submitter.mspId === mspId',
    test: APPROVAL,
  },
  {
    file: `${CHAINCODE}/vouching.ts`,
    what: 'a certificate vouches for a zone that it does not name',
    find: '(zone === undefined || attributes',
    replace: '(true || attributes',
    test: APPROVAL,
  },
  {
    file: `${CHAINCODE}/node-approval.ts`,
    what: 'a record is approved that has changed since it was looked at',
    find: 'if (node.keyEpoch !== keyEpoch)',
    replace: 'if (node.keyEpoch < keyEpoch)',
    test: APPROVAL,
  },
  {
    file: `${CHAINCODE}/node-registry.ts`,
    what: 'zone and tags count before they are approved',
    find: "if (isVouchedFor(call.submitter, role, facts)) return { status: 'active', ...facts };",
    replace: "return { status: 'active', ...facts };",
    test: APPROVAL,
  },
  {
    file: `${CHAINCODE}/node-places.ts`,
    what: 'any number of nodes may wait',
    find: 'if (count >= LIMITS.pendingNodesPerMsp)',
    replace: 'if (count < 0)',
    test: APPROVAL,
  },
  {
    file: `${CHAINCODE}/roster.ts`,
    what: 'former facts have no bound, so that the roster grows without end',
    find: 'hasPlace(present, mspId, NODES) && hasPlace(roster.entries, mspId, ENTRIES)',
    replace: 'hasPlace(present, mspId, NODES)',
    test: 'test/unit/chaincode/domain/roster-places.test.ts',
  },
  {
    file: `${CHAINCODE}/roster.ts`,
    what: 'no place is reserved for an organisation',
    find: 'if (own < reserved) return own > 0 || counts.size < LIMITS.msps;',
    replace: '',
    test: 'test/unit/chaincode/domain/roster-places.test.ts',
  },
  {
    file: `${CHAINCODE}/node-keys.ts`,
    what: 'a TLS certificate is registered by whoever saw it',
    find: 'if (!certificate.hasSigned(',
    replace: 'if (tls.proof.length === 0 && !certificate.hasSigned(',
    test: 'test/unit/chaincode/domain/register-node.test.ts',
  },
  {
    file: 'client-sdk/protocol/src/ledger/schemas/nodes.ts',
    what: 'what a node signed for one channel changes it on another',
    find: '  channel,\n',
    replace: '  channel: channel.slice(0, 0),\n',
    test: 'test/unit/chaincode/domain/key-changes.test.ts',
  },
  {
    file: `${CHAINCODE}/node-registry.ts`,
    what: 'the new key signs its own registration in the place of the present one',
    find: 'signature, before.keys.sign, verify.signature',
    replace: 'signature, document.keys.sign.publicKey, verify.signature',
    test: 'test/unit/chaincode/domain/key-changes.test.ts',
  },
  {
    file: `${CHAINCODE}/node-registry.ts`,
    what: 'a node that nobody vouched for retires, and gives heartbeats from then on',
    find: "before.status === 'pending' ? 'rejected' : 'retired'",
    replace: "'retired'",
    test: 'test/unit/chaincode/domain/node-approval.test.ts',
  },
];
