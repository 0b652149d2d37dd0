import { LIMITS } from '@eko/protocol';
import { TRANSACTIONS, consentDueUnixMs, type BundleView, type TransactionName } from '@eko/protocol/ledger';
import { newRecordDealings } from '../../../support/contracts/test-dealings';
import { newTestNetwork, type TestNetwork } from '../../../support/contracts/test-network';
import type { TestNode } from '../../../support/contracts/test-node';
import {
  acceptanceOf,
  acceptedBundle,
  leadOf,
  requestBundle,
  succeeded,
} from '../../../support/contracts/test-streams';

jest.setTimeout(60_000);

let network: TestNetwork;
beforeEach(async () => {
  network = await newTestNetwork();
});

const codeOf = async (as: TestNode, transaction: TransactionName, argument: object) =>
  (await network.ledger.submit(as.identity, transaction, argument)).error?.code;
const lapseOfBundle = async (bundleId: string): Promise<BundleView['lapse']> => {
  const { ledger, initiator } = network;
  const { result } = await ledger.evaluate(initiator.identity, TRANSACTIONS.readBundle, { bundleId });
  return (JSON.parse(result) as BundleView).lapse;
};

describe('what is late', () => {
  it('is a dealing after the set-up limit, and from then on the bundle fails without a record', async () => {
    const { ledger, initiator } = network;
    const [late, intime] = [await acceptedBundle(network), await acceptedBundle(network)];
    const deal = ({ bundle, assignment }: typeof late) =>
      codeOf(
        leadOf(network, assignment),
        TRANSACTIONS.recordDealings,
        newRecordDealings(network, bundle, assignment),
      );
    ledger.advance(LIMITS.setupLimitMs - 1);
    expect(await deal(intime)).toBeUndefined();
    ledger.advance(1);
    expect(await deal(late)).toBe('STREAM_ENDED');
    expect(await deal(intime)).toBe('ALREADY_EXISTS');
    const { bundleId } = late;
    const end = { bundleId, streams: 'all', reason: 'failed' };
    ledger.advance(LIMITS.clockSkewMs - 1);
    expect(await lapseOfBundle(bundleId)).toBeUndefined();
    ledger.advance(1);
    expect((await lapseOfBundle(bundleId))?.reason).toBe('failed');
    expect(await lapseOfBundle(intime.bundleId)).toBeUndefined();
    expect(await codeOf(initiator, TRANSACTIONS.endStream, end)).toBe('STREAM_ENDED');
    const reassignment = { bundleId, fence: 0 };
    expect(await codeOf(initiator, TRANSACTIONS.reassignOrchestrators, reassignment)).toBe('STREAM_ENDED');
  });

  it('is an answer of the provider after the time that the request waits', async () => {
    const { ledger, initiator, provider } = network;
    const { bundle } = await requestBundle(network, { policy: { consentSeconds: 30 } });
    const { bundleId } = bundle;
    ledger.nowUnixMs = consentDueUnixMs(bundle);
    const acceptance = acceptanceOf(provider, bundle);
    expect(await codeOf(provider, TRANSACTIONS.acceptStream, acceptance)).toBe('STREAM_ENDED');
    expect(await codeOf(provider, TRANSACTIONS.declineStream, { bundleId })).toBe('STREAM_ENDED');
    ledger.advance(LIMITS.clockSkewMs);
    expect((await lapseOfBundle(bundleId))?.reason).toBe('expired');
    // A revocation reads nothing that others can change, and so is taken, and is what stands on record.
    const revocation = { bundleId, streams: 'all' };
    succeeded(await ledger.submit(initiator.identity, TRANSACTIONS.revokeStream, revocation));
    expect(await lapseOfBundle(bundleId)).toBeUndefined();
  });
});
