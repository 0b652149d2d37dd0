import { LIMITS } from '@eko/protocol';
import { TRANSACTIONS, type EndRecord, type EndStream } from '@eko/protocol/ledger';
import type { HarnessIdentity } from '@eko/embedded-ledger';
import { randomUUID } from 'node:crypto';
import { newTestNetwork, type TestNetwork } from '../../../support/contracts/test-network';
import {
  acceptedBundle,
  activeBundle,
  leadOf,
  payloadOf,
  succeeded,
  writesOf,
} from '../../../support/contracts/test-streams';

jest.setTimeout(60_000);

let network: TestNetwork;
beforeAll(async () => {
  // Two streams draw six witnesses at most: one is left over.
  network = await newTestNetwork({ witnesses: 7 });
});

const end = (as: { identity: HarnessIdentity }, argument: EndStream) =>
  network.ledger.submit(as.identity, TRANSACTIONS.endStream, argument);
const all = (bundleId: string) => ({ bundleId, streams: 'all' as const });

describe('EndStream', () => {
  it('completes single streams, each with a tombstone of its own and nothing else', async () => {
    const { bundleId } = await activeBundle(network);
    const outcome = succeeded(await end(network.provider, { bundleId, streams: [1], reason: 'completed' }));
    const tombstone: EndRecord = {
      bundleId,
      index: 1,
      reason: 'completed',
      by: 'provider',
      txId: outcome.txId,
      atUnixMs: network.ledger.nowUnixMs,
    };
    expect(writesOf(outcome)).toEqual({ [`end/${bundleId}/1`]: tombstone });
    expect(payloadOf(outcome, 'StreamsEnded')).toEqual({ ends: [tombstone] });
    expect(JSON.parse(outcome.result)).toEqual({ ends: [tombstone] });
  });

  it('completes a whole bundle with one tombstone', async () => {
    const { bundleId } = await activeBundle(network);
    const argument = { ...all(bundleId), reason: 'completed' as const, note: 'done' };
    const outcome = succeeded(await end(network.initiator, argument));
    expect(Object.keys(writesOf(outcome))).toEqual([`end/${bundleId}`]);
    expect(payloadOf(outcome, 'StreamsEnded').ends).toMatchObject([{ reason: 'completed', note: 'done' }]);
  });

  it('refuses to end twice', async () => {
    const { bundleId } = await activeBundle(network);
    succeeded(await end(network.provider, { bundleId, streams: [1], reason: 'completed' }));
    for (const streams of [[1], [0, 1]])
      expect((await end(network.provider, { bundleId, streams, reason: 'completed' })).error?.code).toBe(
        'STREAM_ENDED',
      );
    succeeded(await end(network.provider, { ...all(bundleId), reason: 'completed' }));
    for (const streams of [[0], 'all' as const])
      expect((await end(network.provider, { bundleId, streams, reason: 'completed' })).error?.code).toBe(
        'STREAM_ENDED',
      );
  });

  it('completes for its parties only, and only what is active', async () => {
    const accepted = await acceptedBundle(network);
    const completed = { ...all(accepted.bundleId), reason: 'completed' as const };
    expect((await end(network.initiator, completed)).error?.code).toBe('BAD_STATE');
    const active = await activeBundle(network);
    for (const other of [leadOf(network, active.assignment), network.witnesses[0]!])
      expect((await end(other, { ...completed, bundleId: active.bundleId })).error?.code).toBe('FORBIDDEN');
    const stranger = { identity: await network.ledger.identity({ mspId: 'Org1MSP', name: 'x' }) };
    expect((await end(stranger, { ...completed, bundleId: active.bundleId })).error?.code).toBe('FORBIDDEN');
  });

  it('fails a bundle before it is dealt, for a party or an assigned orchestrator', async () => {
    for (const who of ['initiator', 'lead'] as const) {
      const { bundleId, assignment } = await acceptedBundle(network);
      const by = who === 'lead' ? leadOf(network, assignment) : network.initiator;
      expect((await end(by, { bundleId, streams: [0], reason: 'failed' })).error?.code).toBe('BAD_STATE');
      const outcome = succeeded(await end(by, { ...all(bundleId), reason: 'failed' }));
      expect(payloadOf(outcome, 'StreamsEnded').ends).toMatchObject([{ reason: 'failed', by: by.nodeId }]);
    }
  });

  it('leaves the failing of what is dealt to the parties', async () => {
    const { bundleId, assignment } = await activeBundle(network);
    const failed = { bundleId, streams: [0], reason: 'failed' as const };
    expect((await end(leadOf(network, assignment), failed)).error?.code).toBe('BAD_STATE');
    const bystander = network.orchestrators.find(({ nodeId }) => !assignment.orchestrators.includes(nodeId))!;
    expect((await end(bystander, failed)).error?.code).toBe('FORBIDDEN');
    succeeded(await end(network.provider, failed));
  });

  it('expires in time, and not before, for its parties', async () => {
    const { bundleId, bundle } = await activeBundle(network);
    const expired = (streams: EndStream['streams']) => ({ bundleId, streams, reason: 'expired' as const });
    network.ledger.advance(bundle.notAfterUnixMs - network.ledger.nowUnixMs - 1);
    expect((await end(network.initiator, expired('all'))).error?.code).toBe('BAD_STATE');
    network.ledger.advance(1);
    succeeded(await end(network.initiator, expired([0])));
    succeeded(await end(network.provider, expired('all')));
  });

  it('expires for its witnesses and orchestrators when it is time by the peers’ clocks too', async () => {
    const { bundleId, bundle, assignment, record } = await activeBundle(network);
    const drawn = network.witnesses.find(({ nodeId }) => record.selection.witnesses.includes(nodeId))!;
    const expired = (streams: EndStream['streams']) => ({ bundleId, streams, reason: 'expired' as const });
    const peersUnixMs = bundle.notAfterUnixMs - 1;
    network.ledger.nowUnixMs = peersUnixMs + LIMITS.clockSkewMs;
    network.ledger.peerAheadMs = -LIMITS.clockSkewMs;
    for (const node of [drawn, leadOf(network, assignment)])
      expect((await end(node, expired('all'))).error?.code).toBe('BAD_STATE');
    network.ledger.advance(1);
    const outsider = network.witnesses.find(({ nodeId }) => !record.selection.witnesses.includes(nodeId));
    expect((await end(outsider!, expired('all'))).error?.code).toBe('FORBIDDEN');
    succeeded(await end(drawn, expired([0])));
    succeeded(await end(leadOf(network, assignment), expired([1])));
    network.ledger.peerAheadMs = 0;
  });

  it('refuses streams that do not exist, unknown bundles and secrets in the note', async () => {
    const { bundleId } = await activeBundle(network);
    const completed = { bundleId, streams: [2], reason: 'completed' as const };
    expect((await end(network.initiator, completed)).error?.code).toBe('NOT_FOUND');
    expect((await end(network.initiator, { ...completed, bundleId: randomUUID() })).error?.code).toBe(
      'NOT_FOUND',
    );
    const leaking = { ...completed, streams: [0], note: 'password=hunter2' };
    expect((await end(network.initiator, leaking)).error?.code).toBe('SECRET_IN_METADATA');
  });
});
