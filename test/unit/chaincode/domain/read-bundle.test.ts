import { TRANSACTIONS, type BundleView, type RevokeStream } from '@eko/protocol/ledger';
import type { HarnessIdentity } from '@eko/embedded-ledger';
import { randomUUID } from 'node:crypto';
import { newRecordDealings } from '../../../support/contracts/test-dealings';
import { newTestNetwork, type TestNetwork } from '../../../support/contracts/test-network';
import { acceptedBundle, leadOf, requestBundle, succeeded } from '../../../support/contracts/test-streams';

jest.setTimeout(60_000);

let network: TestNetwork;
beforeAll(async () => {
  network = await newTestNetwork({ witnesses: 6 });
});

const revoke = (as: { identity: HarnessIdentity }, argument: RevokeStream) =>
  network.ledger.submit(as.identity, TRANSACTIONS.revokeStream, argument);
const all = (bundleId: string) => ({ bundleId, streams: 'all' as const });

describe('ReadBundle', () => {
  it('answers all records of a bundle, tombstones in order', async () => {
    const [request] = (await requestBundle(network)).bundle.requests;
    const requests = Array.from({ length: 12 }, () => request!);
    const { bundleId, bundle, assignment } = await acceptedBundle(network, { requests });
    const { ledger, initiator } = network;
    const argument = newRecordDealings(network, bundle, assignment);
    succeeded(
      await ledger.submit(leadOf(network, assignment).identity, TRANSACTIONS.recordDealings, argument),
    );
    succeeded(await revoke(initiator, { bundleId, streams: [10, 2, 0] }));
    succeeded(await revoke(initiator, all(bundleId)));
    const answer = await ledger.evaluate(initiator.identity, TRANSACTIONS.readBundle, { bundleId });
    const view = JSON.parse(answer.result) as BundleView;
    expect(view).toMatchObject({
      bundle,
      acceptance: ledger.recordAt(`acceptance/${bundleId}`),
      assignments: [assignment],
      dealings: [ledger.recordAt(`dealings/${bundleId}/1`)],
    });
    expect(view.ends.map(({ index }) => index)).toEqual([undefined, 0, 2, 10]);
    const unknown = { bundleId: randomUUID() };
    expect((await ledger.evaluate(initiator.identity, TRANSACTIONS.readBundle, unknown)).error?.code).toBe(
      'NOT_FOUND',
    );
  });
});
