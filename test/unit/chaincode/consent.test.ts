import { TRANSACTIONS } from '@eko/protocol';
import { randomUUID } from 'node:crypto';
import { newTestNetwork, standingOffer, type TestNetwork } from '../../support/chaincode/test-network';
import {
  activeBundle,
  payloadOf,
  requestBundle,
  succeeded,
  writesOf,
} from '../../support/chaincode/test-streams';

jest.setTimeout(60_000);

let network: TestNetwork;
beforeAll(async () => {
  network = await newTestNetwork();
});

const accept = (bundleId: string, as = network.provider) =>
  network.ledger.submit(as.identity, TRANSACTIONS.acceptStream, { bundleId });
const decline = (bundleId: string, as = network.provider, note?: string) =>
  network.ledger.submit(as.identity, TRANSACTIONS.declineStream, {
    bundleId,
    ...(note === undefined ? {} : { note }),
  });

describe('AcceptStream', () => {
  it('writes the acceptance and nothing else', async () => {
    const { bundleId } = await requestBundle(network);
    const outcome = succeeded(await accept(bundleId));
    const acceptance = { bundleId, by: 'provider', txId: outcome.txId, atUnixMs: network.ledger.nowUnixMs };
    expect(writesOf(outcome)).toEqual({ [`acceptance/${bundleId}`]: acceptance });
    expect(payloadOf(outcome, 'StreamsAccepted')).toEqual({ acceptance });
    expect(JSON.parse(outcome.result)).toEqual({ acceptance });
  });

  it('repeats its answer to the provider, without a write or an event', async () => {
    const { bundleId } = await requestBundle(network);
    const first = succeeded(await accept(bundleId));
    network.ledger.advance(1000);
    const again = succeeded(await accept(bundleId));
    expect([again.result, again.writes, again.event]).toEqual([first.result, [], undefined]);
  });

  it('is for the provider of a bundle that exists and has not ended', async () => {
    const { bundleId } = await requestBundle(network);
    expect((await accept(bundleId, network.initiator)).error?.code).toBe('FORBIDDEN');
    expect((await accept(randomUUID())).error?.code).toBe('NOT_FOUND');
    succeeded(await decline(bundleId));
    expect((await accept(bundleId)).error?.code).toBe('STREAM_ENDED');
  });
});

describe('DeclineStream', () => {
  it('writes the tombstone of the bundle and nothing else', async () => {
    const { bundleId } = await requestBundle(network);
    const outcome = succeeded(await decline(bundleId, network.provider, 'not today'));
    const end = {
      bundleId,
      reason: 'declined',
      by: 'provider',
      note: 'not today',
      txId: outcome.txId,
      atUnixMs: network.ledger.nowUnixMs,
    };
    expect(writesOf(outcome)).toEqual({ [`end/${bundleId}`]: end });
    expect(payloadOf(outcome, 'StreamsEnded')).toEqual({ ends: [end] });
  });

  it('is for the provider, once, before it accepts, and without secrets', async () => {
    const { bundleId } = await requestBundle(network);
    expect((await decline(bundleId, network.initiator)).error?.code).toBe('FORBIDDEN');
    expect((await decline(bundleId, network.provider, 'token=abc')).error?.code).toBe('SECRET_IN_METADATA');
    succeeded(await accept(bundleId));
    const refused = await decline(bundleId);
    expect(refused.error?.code).toBe('BAD_STATE');
    expect(refused.error?.message).toContain('accepted');
    const active = await activeBundle(network);
    expect((await decline(active.bundleId)).error?.code).toBe('BAD_STATE');
    const other = await requestBundle(network);
    succeeded(await decline(other.bundleId));
    expect((await decline(other.bundleId)).error?.code).toBe('STREAM_ENDED');
  });

  it('loses against an acceptance that was ordered before it, and the other way round', async () => {
    const { ledger, provider } = network;
    const argument = { bundleId: (await requestBundle(network)).bundleId };
    const accepting = await ledger.prepare(provider.identity, TRANSACTIONS.acceptStream, argument);
    const declining = await ledger.prepare(provider.identity, TRANSACTIONS.declineStream, argument);
    expect([accepting.commit().commitCode, declining.commit().commitCode]).toEqual([
      'VALID',
      'MVCC_READ_CONFLICT',
    ]);
    const other = { bundleId: (await requestBundle(network)).bundleId };
    const late = await ledger.prepare(provider.identity, TRANSACTIONS.acceptStream, other);
    succeeded(await decline(other.bundleId));
    expect(late.commit().commitCode).toBe('MVCC_READ_CONFLICT');
  });
});

describe('a bundle that a standing offer accepted', () => {
  it('is neither accepted nor declined once more', async () => {
    const { ledger, provider } = network;
    const { nodeId, identity } = provider;
    succeeded(await ledger.submit(identity, TRANSACTIONS.publishOffer, { nodeId, offer: standingOffer() }));
    const { bundleId } = await requestBundle(network);
    expect((await accept(bundleId)).error?.code).toBe('BAD_STATE');
    expect((await decline(bundleId)).error?.code).toBe('BAD_STATE');
  });
});
