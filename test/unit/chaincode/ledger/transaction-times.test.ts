import { LIMITS } from '@eko/protocol';
import { TRANSACTIONS, type TransactionName } from '@eko/protocol/ledger';
import { randomUUID } from 'node:crypto';
import { newTestNetwork, type TestNetwork } from '../../../support/contracts/test-network';
import { newRecordDealings } from '../../../support/contracts/test-dealings';
import {
  acceptanceOf,
  acceptedBundle,
  activeBundle,
  leadOf,
  payloadOf,
  requestBundle,
  succeeded,
} from '../../../support/contracts/test-streams';

jest.setTimeout(60_000);

let network: TestNetwork;
beforeEach(async () => {
  network = await newTestNetwork();
});

type Bound = { readonly ahead: number; readonly behind: number };
const USUAL: Bound = { ahead: LIMITS.clockSkewMs, behind: LIMITS.clockSkewMs };
const AGE: Bound = { ahead: LIMITS.aheadSkewMs, behind: LIMITS.clockSkewMs };

describe('the time that a transaction states', () => {
  it('is 3 s ahead of the peers’ clocks at most where others tell an age by it, and 60 s off at most elsewhere', async () => {
    const { ledger, initiator } = network;
    const bundleId = randomUUID();
    const bounded: readonly (readonly [TransactionName, object, Bound])[] = [
      [TRANSACTIONS.heartbeat, { nodeId: 'initiator' }, AGE],
      [TRANSACTIONS.authorizeRelease, { bundleId, epoch: 1, streams: 'all' }, AGE],
      [TRANSACTIONS.retireNode, { nodeId: 'nobody' }, USUAL],
      [TRANSACTIONS.withdrawOffer, { nodeId: 'nobody', offerId: 'none' }, USUAL],
      [TRANSACTIONS.declineStream, { bundleId }, USUAL],
      [TRANSACTIONS.revokeStream, { bundleId, streams: 'all' }, USUAL],
      [TRANSACTIONS.endStream, { bundleId, streams: 'all', reason: 'failed' }, USUAL],
    ];
    for (const [transaction, argument, { ahead, behind }] of bounded) {
      const codeAt = async (stampAheadMs: number): Promise<string | undefined> => {
        ledger.peerAheadMs = -stampAheadMs;
        return (await ledger.submit(initiator.identity, transaction, argument)).error?.code;
      };
      expect([transaction, await codeAt(ahead + 1), await codeAt(-behind - 1)]).toEqual([
        transaction,
        'CLOCK_SKEW',
        'CLOCK_SKEW',
      ]);
      for (const within of [ahead, -behind, 0])
        expect([transaction, await codeAt(within)]).not.toEqual([transaction, 'CLOCK_SKEW']);
    }
  });

  it('decides alone what is written: peers whose clocks differ write the same', async () => {
    const { ledger, initiator } = network;
    for (const peerAheadMs of [LIMITS.clockSkewMs, 0, -LIMITS.aheadSkewMs]) {
      ledger.peerAheadMs = peerAheadMs;
      const beat = { nodeId: 'initiator' };
      expect(
        JSON.parse(succeeded(await ledger.submit(initiator.identity, TRANSACTIONS.heartbeat, beat)).result),
      ).toEqual({ nodeId: 'initiator', atUnixMs: ledger.nowUnixMs });
    }
  });

  it('gives no permit a longer life: one that is stamped a minute ahead is refused', async () => {
    const { ledger, initiator } = network;
    const { bundleId } = await activeBundle(network);
    const permit = { bundleId, epoch: 1, streams: 'all' };
    const peersUnixMs = ledger.nowUnixMs;
    const stampedAt = async (unixMs: number) => {
      ledger.nowUnixMs = unixMs;
      ledger.peerAheadMs = peersUnixMs - unixMs;
      return ledger.submit(initiator.identity, TRANSACTIONS.authorizeRelease, permit);
    };
    for (const aheadMs of [60_000, 57_000, LIMITS.aheadSkewMs + 1])
      expect((await stampedAt(peersUnixMs + aheadMs)).error?.code).toBe('CLOCK_SKEW');
    const latest = succeeded(await stampedAt(peersUnixMs + LIMITS.aheadSkewMs));
    expect(payloadOf(latest, 'ReleaseAuthorized').permit.atUnixMs - peersUnixMs).toBe(LIMITS.aheadSkewMs);
  });

  it('gives the activation, the first permit of both parties, no longer life either', async () => {
    const { ledger } = network;
    const { bundle, assignment } = await acceptedBundle(network);
    const dealings = newRecordDealings(network, bundle, assignment);
    const peersUnixMs = ledger.nowUnixMs;
    const { identity } = leadOf(network, assignment);
    const recordAt = (aheadMs: number) => {
      ledger.nowUnixMs = peersUnixMs + aheadMs;
      ledger.peerAheadMs = -aheadMs;
      return ledger.submit(identity, TRANSACTIONS.recordDealings, dealings);
    };
    for (const aheadMs of [60_000, LIMITS.aheadSkewMs + 1, -LIMITS.clockSkewMs - 1])
      expect((await recordAt(aheadMs)).error?.code).toBe('CLOCK_SKEW');
    succeeded(await recordAt(LIMITS.aheadSkewMs));
  });

  it('lets nobody consent once the time of the streams is over', async () => {
    const { ledger, provider } = network;
    const { bundle } = await requestBundle(network);
    ledger.nowUnixMs = bundle.notAfterUnixMs;
    const accept = () =>
      ledger.submit(provider.identity, TRANSACTIONS.acceptStream, acceptanceOf(provider, bundle));
    expect((await accept()).error?.code).toBe('STREAM_ENDED');
    ledger.nowUnixMs -= 1;
    succeeded(await accept());
  });
});
