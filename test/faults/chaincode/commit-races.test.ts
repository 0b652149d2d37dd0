import { TRANSACTIONS } from '@eko/protocol/ledger';
import { newRecordDealings } from '../../support/contracts/test-dealings';
import { newTestNetwork, type TestNetwork } from '../../support/contracts/test-network';
import { acceptedBundle, activeBundle, leadOf } from '../../support/contracts/test-streams';

jest.setTimeout(60_000);

const WRITERS = 200;
const ROUNDS = 10;

describe('transactions that race for one stream', () => {
  let network: TestNetwork;
  beforeAll(async () => {
    network = await newTestNetwork({ witnesses: 6 });
  });

  it(`let a revocation through at its first try among ${WRITERS} writers, and none of them after it`, async () => {
    const { ledger, initiator, provider } = network;
    const { bundleId } = await activeBundle(network);
    const permit = (n: number) =>
      ledger.prepare((n % 2 === 0 ? initiator : provider).identity, TRANSACTIONS.authorizeRelease, {
        bundleId,
        epoch: 1,
        streams: [0],
      });
    const before = [];
    for (let n = 0; n < WRITERS / 2; n += 1) before.push(await permit(n));
    const revocation = await ledger.prepare(provider.identity, TRANSACTIONS.revokeStream, {
      bundleId,
      streams: 'all',
    });
    const after = [];
    for (let n = 0; n < WRITERS / 2; n += 1) after.push(await permit(n));

    const overtaken = [...before.slice(0, WRITERS / 4), ...after.slice(0, WRITERS / 4)];
    const late = [...before.slice(WRITERS / 4), ...after.slice(WRITERS / 4)];
    expect(overtaken.filter((writer) => writer.commit().commitCode !== 'VALID')).toEqual([]);
    expect(revocation.commit().commitCode).toBe('VALID');
    expect(late.filter((writer) => writer.commit().commitCode !== 'MVCC_READ_CONFLICT')).toEqual([]);
  });

  it(`let one of two records of dealings count, whichever comes first (${ROUNDS} times)`, async () => {
    const { ledger } = network;
    for (let round = 0; round < ROUNDS; round += 1) {
      const { bundle, assignment } = await acceptedBundle(network);
      const argument = newRecordDealings(network, bundle, assignment);
      const lead = leadOf(network, assignment);
      const racers = [
        await ledger.prepare(lead.identity, TRANSACTIONS.recordDealings, argument),
        await ledger.prepare(lead.identity, TRANSACTIONS.recordDealings, argument),
      ];
      const order = round % 2 === 0 ? racers : racers.reverse();
      expect(order.map((racer) => racer.commit().commitCode)).toEqual(['VALID', 'MVCC_READ_CONFLICT']);
      const again = await ledger.submit(lead.identity, TRANSACTIONS.recordDealings, argument);
      expect(again.error?.code).toBe('ALREADY_EXISTS');
    }
  });
});
