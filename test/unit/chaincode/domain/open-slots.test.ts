import { LIMITS } from '@eko/protocol';
import { TRANSACTIONS, consentDueUnixMs, type BundleRecord, type OpenSlots } from '@eko/protocol/ledger';
import { randomUUID } from 'node:crypto';
import {
  newTestNetwork,
  register,
  standingOffer,
  streamRequest,
  type TestNetwork,
} from '../../../support/contracts/test-network';
import { newTestNode, type TestNode } from '../../../support/contracts/test-node';
import {
  acceptanceOf,
  payloadOf,
  requestBundle,
  succeeded,
  writesOf,
} from '../../../support/contracts/test-streams';

jest.setTimeout(60_000);

let network: TestNetwork;
beforeEach(async () => {
  network = await newTestNetwork();
});

const request = (slot: number | undefined, as: TestNode = network.initiator, bundleId = randomUUID()) => {
  const { policy, requests } = streamRequest({ bundleId });
  const argument = { bundleId, policy, requests, ...(slot === undefined ? {} : { slot }) };
  return network.ledger.submit(as.identity, TRANSACTIONS.requestStreams, argument);
};
const codeOf = async (outcome: ReturnType<typeof request>) => (await outcome).error?.code;
const taken = async (as: TestNode = network.initiator): Promise<readonly number[]> => {
  const query = { provider: 'provider' };
  const { result } = await network.ledger.evaluate(as.identity, TRANSACTIONS.readOpenSlots, query);
  return (JSON.parse(result) as OpenSlots).taken;
};

describe('requests that wait for consent', () => {
  it('are at most 32 of one organisation and provider, whoever of it asks', async () => {
    const second = await newTestNode(network.ledger, { nodeId: 'second', role: 'party', mspId: 'Org1MSP' });
    await register(network.ledger, second);
    for (let slot = 0; slot < LIMITS.openSlots; slot += 1)
      succeeded(await request(slot, slot % 2 === 0 ? network.initiator : second));
    expect(await taken()).toHaveLength(LIMITS.openSlots);
    for (let slot = 0; slot < LIMITS.openSlots; slot += 1)
      expect(await codeOf(request(slot, second))).toBe('NO_SLOT');
    expect(await codeOf(request(LIMITS.openSlots))).toBe('INVALID_ARGUMENT');
    expect(await codeOf(request(undefined))).toBe('NO_SLOT');
  });

  it('take nothing of another organisation', async () => {
    const stranger = await newTestNode(network.ledger, {
      nodeId: 'stranger',
      role: 'party',
      mspId: 'Org3MSP',
    });
    await register(network.ledger, stranger);
    succeeded(await request(7));
    expect([await taken(), await taken(stranger)]).toEqual([[7], []]);
    succeeded(await request(7, stranger));
  });

  it('free their slot when they are decided, without a write to it', async () => {
    const { ledger, provider, initiator } = network;
    const decide: Record<string, (bundle: BundleRecord) => ReturnType<typeof request>> = {
      accepted: (bundle) =>
        ledger.submit(provider.identity, TRANSACTIONS.acceptStream, acceptanceOf(provider, bundle)),
      declined: ({ bundleId }) => ledger.submit(provider.identity, TRANSACTIONS.declineStream, { bundleId }),
      revoked: ({ bundleId }) =>
        ledger.submit(initiator.identity, TRANSACTIONS.revokeStream, { bundleId, streams: 'all' }),
    };
    for (const act of Object.values(decide)) {
      const requested = succeeded(await request(3));
      const { bundle } = payloadOf(requested, 'StreamsRequested');
      expect(await codeOf(request(3))).toBe('NO_SLOT');
      const outcome = succeeded(await act(bundle));
      expect(Object.keys(writesOf(outcome)).filter((key) => key.startsWith('open/'))).toEqual([]);
      expect(await taken()).toEqual([]);
    }
    succeeded(await request(3));
  });

  it('free it when they have lapsed by every clock, and not before', async () => {
    const { ledger } = network;
    const { bundle } = await requestBundle(network, { slot: 5, policy: { consentSeconds: 30 } });
    ledger.nowUnixMs = consentDueUnixMs(bundle) + LIMITS.clockSkewMs - 1;
    expect(await codeOf(request(5))).toBe('NO_SLOT');
    ledger.advance(1);
    expect(await taken()).toEqual([]);
    succeeded(await request(5));
    const { provider } = network;
    const argument = acceptanceOf(provider, bundle);
    const late = await ledger.submit(provider.identity, TRANSACTIONS.acceptStream, argument);
    expect(late.error?.code).toBe('STREAM_ENDED');
  });

  it('are the same request with another slot, and take no second one', async () => {
    const bundleId = randomUUID();
    const first = succeeded(await request(1, network.initiator, bundleId));
    const again = succeeded(await request(2, network.initiator, bundleId));
    const unnamed = succeeded(await request(undefined, network.initiator, bundleId));
    expect([again.result, again.writes]).toEqual([first.result, []]);
    expect([unnamed.result, unnamed.writes]).toEqual([first.result, []]);
    expect(await taken()).toEqual([1]);
  });

  it('take one slot at a time: of two that were endorsed for one, the later is invalid', async () => {
    const { ledger, initiator } = network;
    const prepare = () => {
      const argument = { ...streamRequest({ bundleId: randomUUID() }), slot: 9 };
      return ledger.prepare(initiator.identity, TRANSACTIONS.requestStreams, argument);
    };
    const [one, two] = [await prepare(), await prepare()];
    expect([one.commit().commitCode, two.commit().commitCode]).toEqual(['VALID', 'MVCC_READ_CONFLICT']);
  });
});

describe('a request that a standing offer covers', () => {
  it('needs no slot and takes none', async () => {
    const { ledger, provider } = network;
    const { nodeId, identity } = provider;
    succeeded(await ledger.submit(identity, TRANSACTIONS.publishOffer, { nodeId, offer: standingOffer() }));
    const outcomes = [succeeded(await request(undefined)), succeeded(await request(4))];
    const keys = outcomes.flatMap((outcome) => Object.keys(writesOf(outcome)));
    expect(keys.filter((key) => key.startsWith('open/'))).toEqual([]);
    expect(await taken()).toEqual([]);
  });
});
