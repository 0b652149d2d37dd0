import { LIMITS } from '@eko/protocol';
import { TRANSACTIONS, type AssignmentRecord } from '@eko/protocol/ledger';
import { newTestNetwork, type TestNetwork } from '../../../support/contracts/test-network';
import { acceptedBundle, payloadOf } from '../../../support/contracts/test-streams';

jest.setTimeout(120_000);

const BUNDLES = 15;
/** Both of the first organisation; the other two organisations have one each. */
const OWN = ['orchestrator-0', 'orchestrator-3'];
const isOwn = (nodeId: string): boolean => OWN.includes(nodeId);

/** What an organisation makes of one bundle that stalls where it sits and replaces whom it can, 3 s ahead of the time. */
async function stall(network: TestNetwork): Promise<AssignmentRecord> {
  const { ledger, orchestrators } = network;
  const by = orchestrators.find(({ nodeId }) => nodeId === OWN[1])!;
  let { assignment } = await acceptedBundle(network);
  ledger.peerAheadMs = -LIMITS.leaseSkewMs;
  for (let asked = 0; asked < 8; asked += 1) {
    const own = assignment.orchestrators.filter(isOwn).length;
    // All dealers are its own, or none is: then the honest ones deal.
    if (own === assignment.orchestrators.length || own === 0) break;
    ledger.advance(LIMITS.replacedAfterMs);
    const { bundleId, fence } = assignment;
    const argument = { bundleId, fence };
    const outcome = await ledger.submit(by.identity, TRANSACTIONS.reassignOrchestrators, argument);
    if (outcome.error !== undefined) break;
    ({ assignment } = payloadOf(outcome, 'OrchestratorsReassigned'));
  }
  ledger.peerAheadMs = 0;
  return assignment;
}

describe('an organisation with two orchestrators that stalls and asks for others', () => {
  it('never becomes both dealers, and is left out in the end or has an honest one beside it', async () => {
    const network = await newTestNetwork({ orchestrators: 4, witnesses: 3 });
    const last: AssignmentRecord[] = [];
    for (let bundle = 0; bundle < BUNDLES; bundle += 1) last.push(await stall(network));
    for (const { orchestrators } of last) expect(orchestrators.some((nodeId) => !isOwn(nodeId))).toBe(true);
    // It had its way with replacing: what it gained by it is nothing.
    expect(last.some(({ fence }) => fence > 0)).toBe(true);
  });
});
