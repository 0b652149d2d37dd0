/** Bugs in what an offer binds, in slots, lapses and seeds. @type {import('../run.mjs').Bug[]} */
const PROTOCOL = 'client-sdk/protocol/src';
const CHAINCODE = 'chaincode/src/domain';
const MATCH = 'test/unit/protocol/ledger/match-offer.test.ts';
const SLOTS = 'test/unit/chaincode/domain/open-slots.test.ts';
const LAPSE = 'test/unit/protocol/ledger/stream-state.test.ts';
const SEED = 'test/unit/protocol/selection/assignment-seed.test.ts';

export const bugs = [
  {
    file: `${PROTOCOL}/ledger/match-offer.ts`,
    what: 'an offer covers organisations that it does not name',
    find: 'offer.msps.includes(initiatorMsp) &&',
    replace: 'offer.msps.length > 0 &&',
    test: MATCH,
  },
  {
    file: `${PROTOCOL}/ledger/match-offer.ts`,
    what: 'one organisation may hold a quorum under an offer that does not say so',
    find: '(offer.quorumInOneOrg || quorum > maxPerOrg)',
    replace: 'maxPerOrg > 0',
    test: MATCH,
  },
  {
    file: `${PROTOCOL}/ledger/match-offer.ts`,
    what: 'an offer covers fewer dealers than it asks for',
    find: 'dealers >= offer.minDealers',
    replace: 'dealers >= 1 || offer.minDealers > 0',
    test: MATCH,
  },
  {
    file: `${PROTOCOL}/ledger/match-offer.ts`,
    what: 'a request narrows the draw by zones that the offer does not allow',
    find: 'zones: (offer, { zones }) => isSubset(zones, offer.zones),',
    replace: 'zones: () => true,',
    test: MATCH,
  },
  {
    file: `${PROTOCOL}/ledger/match-offer.ts`,
    what: 'a request that the offer covers in part is covered',
    find: 'requests.every((request)',
    replace: 'requests.some((request)',
    test: MATCH,
  },
  {
    file: `${CHAINCODE}/open-slots.ts`,
    what: 'a slot in which a request waits can be taken',
    find: 'return (await readAcceptance(ledger, bundleId)) === undefined;',
    replace: 'return (await readAcceptance(ledger, bundleId)) !== undefined;',
    test: SLOTS,
  },
  {
    file: `${CHAINCODE}/open-slots.ts`,
    what: 'a request waits without a slot',
    find: 'if (slot === undefined)',
    replace: 'if (slot === undefined && ledger === undefined)',
    test: SLOTS,
  },
  {
    file: `${PROTOCOL}/ledger/stream-state.ts`,
    what: 'a bundle lapses before everybody can know it',
    find: 'if (nowUnixMs < atUnixMs + LIMITS.clockSkewMs) return undefined;',
    replace: 'if (nowUnixMs < atUnixMs) return undefined;',
    test: LAPSE,
  },
  {
    file: `${PROTOCOL}/ledger/stream-state.ts`,
    what: 'what was dealt lapses all the same',
    find: 'if (dealings.length > 0 || ends.length > 0) return undefined;',
    replace: 'if (ends.length > 0) return undefined;',
    test: LAPSE,
  },
  {
    file: `${CHAINCODE}/consent.ts`,
    what: 'a provider consents after the time to answer',
    find: "refuseLate(bundle, { nowUnixMs: call.nowUnixMs, dueUnixMs: consentDueUnixMs(bundle), reason: 'expired' });\n  const acceptance",
    replace: 'consentDueUnixMs(bundle);\n  const acceptance',
    test: 'test/unit/chaincode/domain/set-up-limit.test.ts',
  },
  {
    file: `${PROTOCOL}/selection/assignment-seed.ts`,
    what: 'two requests have one seed, so that dealers are known before the request',
    find: 'const fields = [channel, bundleId, requestTxId, ...',
    replace: 'const fields = [channel, bundleId, requestTxId.slice(64), ...',
    test: SEED,
  },
  {
    file: `${CHAINCODE}/request-streams.ts`,
    what: 'a provider consents by a key that it chooses after the request',
    find: '{ providerVrf: requireVrf(provider) }',
    replace: '{ providerVrf: requireVrf(initiator) }',
    test: 'test/unit/chaincode/domain/request-streams.test.ts',
  },
  {
    file: `${CHAINCODE}/reassign-orchestrators.ts`,
    what: 'somebody who takes no part replaces the dealers',
    find: "if (role !== 'orchestrator' && !isPartyOf(bundle, nodeId))",
    replace: "if (role === 'witness' && !isPartyOf(bundle, nodeId))",
    test: 'test/unit/chaincode/domain/reassign-orchestrators.test.ts',
  },
];
