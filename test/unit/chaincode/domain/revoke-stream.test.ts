import { TRANSACTIONS, type EndRecord, type EndStream, type RevokeStream } from '@eko/protocol/ledger';
import type { HarnessIdentity } from '@eko/embedded-ledger';
import { newRecordDealings } from '../../../support/contracts/test-dealings';
import { newTestNetwork, register, type TestNetwork } from '../../../support/contracts/test-network';
import { newTestNode } from '../../../support/contracts/test-node';
import {
  acceptedBundle,
  activeBundle,
  leadOf,
  payloadOf,
  requestBundle,
  succeeded,
  writesOf,
} from '../../../support/contracts/test-streams';

jest.setTimeout(60_000);

let network: TestNetwork;
beforeAll(async () => {
  network = await newTestNetwork({ witnesses: 6 });
});

const end = (as: { identity: HarnessIdentity }, argument: EndStream) =>
  network.ledger.submit(as.identity, TRANSACTIONS.endStream, argument);
const revoke = (as: { identity: HarnessIdentity }, argument: RevokeStream) =>
  network.ledger.submit(as.identity, TRANSACTIONS.revokeStream, argument);
const all = (bundleId: string) => ({ bundleId, streams: 'all' as const });

describe('RevokeStream', () => {
  it('reads what never changes, its caller’s record and the key that it writes', async () => {
    const { bundleId, assignment } = await activeBundle(network);
    const lead = leadOf(network, assignment);
    const outcome = succeeded(await revoke(lead, { ...all(bundleId), note: 'key seen elsewhere' }));
    expect(outcome.reads.filter((key) => !key.startsWith('identity/'))).toEqual([
      `assignment/${bundleId}/0`,
      `bundle/${bundleId}`,
      `end/${bundleId}`,
      `node/${lead.nodeId}`,
    ]);
    expect(Object.keys(writesOf(outcome))).toEqual([`end/${bundleId}`]);
    expect(payloadOf(outcome, 'StreamsEnded').ends).toMatchObject([{ reason: 'revoked', by: lead.nodeId }]);
  });

  it('works in every state for the parties', async () => {
    for (const bundleIn of [requestBundle, acceptedBundle, activeBundle]) {
      const { bundleId } = await bundleIn(network);
      succeeded(await revoke(network.provider, all(bundleId)));
    }
  });

  it('is for parties, orchestrators and administrators of the parties’ organisations', async () => {
    const { bundleId, assignment } = await activeBundle(network);
    const admin = async (mspId: string, ou: 'admin' | 'client') => ({
      identity: await network.ledger.identity({ mspId, name: 'admin', ou, attributes: { admin: 'true' } }),
    });
    const bystander = network.orchestrators.find(({ nodeId }) => !assignment.orchestrators.includes(nodeId))!;
    for (const other of [
      bystander,
      network.witnesses[0]!,
      await admin('Org3MSP', 'admin'),
      await admin('Org1MSP', 'client'),
    ])
      expect((await revoke(other, all(bundleId))).error?.code).toBe('FORBIDDEN');
    const first = succeeded(await revoke(await admin('Org1MSP', 'admin'), { bundleId, streams: [0] }));
    expect(payloadOf(first, 'StreamsEnded').ends[0]?.by).toBe('admin:Org1MSP');
    const second = succeeded(await revoke(await admin('Org2MSP', 'admin'), all(bundleId)));
    expect(payloadOf(second, 'StreamsEnded').ends[0]?.by).toBe('admin:Org2MSP');
  });

  it('answers for what has ended already, without a write or an event', async () => {
    const { bundleId } = await activeBundle(network);
    const first = succeeded(await end(network.provider, { bundleId, streams: [1], reason: 'completed' }));
    const [completed] = payloadOf(first, 'StreamsEnded').ends;
    const repeated = succeeded(await revoke(network.initiator, { bundleId, streams: [1] }));
    expect([JSON.parse(repeated.result), repeated.writes, repeated.event]).toEqual([
      { ends: [completed] },
      [],
      undefined,
    ]);
    const both = succeeded(await revoke(network.initiator, { bundleId, streams: [0, 1] }));
    const { ends } = JSON.parse(both.result) as { ends: EndRecord[] };
    expect(ends.map(({ index, reason }) => [index, reason])).toEqual([
      [0, 'revoked'],
      [1, 'completed'],
    ]);
    expect(payloadOf(both, 'StreamsEnded').ends.map(({ index }) => index)).toEqual([0]);
    const whole = succeeded(await revoke(network.initiator, all(bundleId)));
    for (const streams of ['all' as const, [0]]) {
      const late = succeeded(await revoke(network.provider, { bundleId, streams }));
      expect([late.result, late.writes, late.event]).toEqual([whole.result, [], undefined]);
    }
  });

  it('takes single streams only once they are active', async () => {
    const { bundleId } = await acceptedBundle(network);
    const { error } = await revoke(network.initiator, { bundleId, streams: [0] });
    expect(error?.code).toBe('BAD_STATE');
    expect(error?.message).toContain('whole bundle');
    const active = await activeBundle(network);
    expect((await revoke(network.initiator, { bundleId: active.bundleId, streams: [7] })).error?.code).toBe(
      'NOT_FOUND',
    );
  });

  it('still works for a party that has retired', async () => {
    const party = await newTestNode(network.ledger, { nodeId: 'leaving', role: 'party', mspId: 'Org3MSP' });
    await register(network.ledger, party);
    const { bundleId } = await requestBundle({ ...network, initiator: party });
    succeeded(await network.ledger.submit(party.identity, TRANSACTIONS.retireNode, { nodeId: 'leaving' }));
    expect((await end(party, { ...all(bundleId), reason: 'failed' })).error?.code).toBe('FORBIDDEN');
    succeeded(await revoke(party, all(bundleId)));
  });

  it('is valid at the first try while two hundred others write around it, and makes them invalid', async () => {
    const { ledger, initiator, provider } = network;
    const accepted = await acceptedBundle(network);
    const { bundleId, bundle, assignment } = accepted;
    const lead = leadOf(network, assignment);
    const dealings = await ledger.prepare(
      lead.identity,
      TRANSACTIONS.recordDealings,
      newRecordDealings(network, bundle, assignment),
    );
    const revocation = await ledger.prepare(initiator.identity, TRANSACTIONS.revokeStream, all(bundleId));
    for (let n = 0; n < 200; n += 1) {
      const { nodeId, identity } = n % 2 === 0 ? provider : lead;
      succeeded(await ledger.submit(identity, TRANSACTIONS.heartbeat, { nodeId }));
    }
    expect(revocation.commit().commitCode).toBe('VALID');
    expect(dealings.commit().commitCode).toBe('MVCC_READ_CONFLICT');
  });

  it('overtakes a permit and a completion that were endorsed before it', async () => {
    const { ledger, initiator, provider } = network;
    const { bundleId } = await activeBundle(network);
    const permit = { bundleId, epoch: 1, streams: [0] };
    const early = [
      await ledger.prepare(initiator.identity, TRANSACTIONS.authorizeRelease, permit),
      await ledger.prepare(provider.identity, TRANSACTIONS.endStream, {
        bundleId,
        streams: [0],
        reason: 'completed',
      }),
    ];
    succeeded(await revoke(initiator, all(bundleId)));
    for (const transaction of early) expect(transaction.commit().commitCode).toBe('MVCC_READ_CONFLICT');
  });
});
