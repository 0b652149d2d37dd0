import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { EVENTS } from '@eko/protocol/ledger';
import type { LiveNetwork } from '../../support/in-process/live-network';
import { EventReader, type ReadEvent } from '../../support/in-process/event-reader';
import {
  liveRequest,
  startLiveParties,
  startLiveParty,
  stopLiveParties,
  type LivePartyNode,
} from '../../support/in-process/live-parties';
import { askForUpgrade, type UpgradeOutcome } from './upgraded-socket';
import { closeOf, readToEnd } from '../../support/in-process/read-to-end';

jest.setTimeout(30_000);

describe('the bytes and the events of two parties', () => {
  let network: LiveNetwork;
  let initiator: LivePartyNode;
  let provider: LivePartyNode;
  beforeAll(async () => {
    ({ network, initiator, provider } = await startLiveParties());
  }, 120_000);
  afterAll(async () => {
    await stopLiveParties({ network, initiator, provider });
  }, 60_000);

  const newStream = async (): Promise<string> => {
    const { value } = await initiator.api.call('requestStreams', { body: liveRequest() });
    return String(value['bundleId']);
  };
  const upgrade = ({ api }: LivePartyNode, bundleId: string, index = 0): Promise<UpgradeOutcome> =>
    askForUpgrade({
      address: api.address,
      path: api.pathOf('receiveData', { path: { bundleId, index } }),
      token: api.token,
    });
  const socketOf = (outcome: UpgradeOutcome): Duplex => {
    if (outcome.socket === undefined) throw new Error(`refused: ${outcome.status} ${String(outcome.code)}`);
    return outcome.socket;
  };
  /** How a socket breaks; one that ends peacefully never answers. */
  const breakOf = (socket: Duplex): Promise<unknown> =>
    new Promise((resolve) => {
      socket.resume();
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    });
  /** Both ends of a new stream, as two programs have them. */
  const openBoth = async () => {
    const bundleId = await newStream();
    // The provider's request would be too early before it has heard of the stream.
    await network.until(bundleId, (view) => view.dealings.length > 0);
    // Either is answered only when the other is there.
    const [atInitiator, atProvider] = (
      await Promise.all([upgrade(initiator, bundleId), upgrade(provider, bundleId)])
    ).map(socketOf) as [Duplex, Duplex];
    return { bundleId, atInitiator, atProvider };
  };

  it('carry bytes both ways, each direction ending by itself', async () => {
    const { atInitiator, atProvider } = await openBoth();
    const payload = randomBytes(3 * 1024 * 1024);
    atProvider.end(payload);
    expect((await readToEnd(atInitiator)).equals(payload)).toBe(true);
    // The provider has ended its direction; the other still works.
    const answered = readToEnd(atProvider);
    atInitiator.end('thank you');
    expect((await answered).toString()).toBe('thank you');
  });

  it('hand a waiting program the connection as soon as it comes', async () => {
    const bundleId = await newStream();
    await network.until(bundleId, (view) => view.dealings.length > 0);
    const waiting = upgrade(provider, bundleId);
    const atInitiator = socketOf(await upgrade(initiator, bundleId));
    const atProvider = socketOf(await waiting);
    atInitiator.write('first');
    expect(String((await once(atProvider, 'data'))[0])).toBe('first');
    const ended = Promise.all([once(atProvider, 'end'), closeOf(atInitiator)]);
    atInitiator.end();
    atInitiator.resume();
    atProvider.end();
    await ended;
  });

  it('are cut where a program only ends its connection, and by nothing else are they whole', async () => {
    for (const from of [initiator, provider]) {
      const bundleId = await newStream();
      await network.until(bundleId, (view) => view.dealings.length > 0);
      const to = from === initiator ? provider : initiator;
      const [outcome, other] = await Promise.all([upgrade(from, bundleId), upgrade(to, bundleId)]);
      const received = socketOf(other);
      // It is told of the break as well.
      socketOf(outcome)
        .on('error', () => undefined)
        .write('a part of it');
      await once(received, 'data');
      const broken = breakOf(received);
      outcome.raw?.end();
      expect(await broken).toBe('STREAM_CUT');
    }
  });

  it('are cut at both ends by a revocation, in mid-transfer', async () => {
    const { bundleId, atInitiator, atProvider } = await openBoth();
    const breaks = Promise.all([breakOf(atInitiator), breakOf(atProvider)]);
    atProvider.write(randomBytes(64 * 1024));
    await once(atInitiator, 'data');
    const path = { bundleId, index: 0 };
    const revoked = await initiator.api.call('revokeStream', { path, body: {} });
    expect(revoked.value).toMatchObject({ state: 'ended', end: { reason: 'revoked' } });
    expect(await breaks).toEqual(['STREAM_CUT', 'STREAM_CUT']);
    for (const party of [initiator, provider])
      expect(await upgrade(party, bundleId)).toEqual({ status: 410, code: 'STREAM_ENDED' });
  });

  it('tell a program that waits for an initiator that the stream has ended', async () => {
    const bundleId = await newStream();
    await network.until(bundleId, (view) => view.dealings.length > 0);
    const waiting = upgrade(provider, bundleId);
    await provider.api.call('revokeStream', { path: { bundleId, index: 0 }, body: {} });
    expect(await waiting).toEqual({ status: 410, code: 'STREAM_ENDED' });
  });

  it('are refused for other protocols, other places and unknown streams', async () => {
    const { address, token } = initiator.api;
    const unknown = '00000000-0000-4000-8000-000000000000';
    expect(await upgrade(initiator, unknown)).toEqual({ status: 404, code: 'NOT_FOUND' });
    for (const path of [
      '/v1/streams',
      `/v1/streams/${unknown}/200/data`,
      `/v1/streams/${unknown}/0/data/`,
      '/',
    ])
      expect(await askForUpgrade({ address, token, path })).toEqual({ status: 404, code: 'NOT_FOUND' });
    const path = `/v1/streams/${unknown}/0/data`;
    for (const protocol of ['websocket', 'h2c', 'EKO-STREAM'])
      expect(await askForUpgrade({ address, token, path, protocol })).toEqual({
        status: 400,
        code: 'INVALID_ARGUMENT',
      });
  });

  it('tell of every change once, and go on where a reader left off, even after a restart', async () => {
    const { api } = initiator;
    const reader = await EventReader.open(api);
    const bundleId = await newStream();
    // Nodes attest the ends of other streams meanwhile.
    const isOurs = ({ data }: ReadEvent): boolean => data.includes(bundleId);
    const requested = await reader.next(isOurs);
    expect(requested.name).toBe(EVENTS.streamsRequested);
    const active = await reader.next(isOurs);
    expect(active.name).toBe(EVENTS.dealingsRecorded);
    reader.close();
    await api.call('completeStream', { path: { bundleId, index: 0 }, body: {} });

    const resumed = await EventReader.open(api, requested.id);
    expect(await resumed.next(isOurs)).toEqual(active);
    const ended = await resumed.next(isOurs);
    expect(ended.name).toBe(EVENTS.streamsEnded);
    resumed.close();

    await initiator.stop();
    initiator = await startLiveParty(network, 'initiator');
    const after = await EventReader.open(initiator.api, requested.id);
    expect(await after.next(isOurs)).toEqual(active);
    expect(await after.next(isOurs)).toEqual(ended);
    after.close();
  });

  it('refuse an event ID that is none', async () => {
    const headers = { 'last-event-id': 'no such thing' };
    expect(await initiator.api.refusal('followEvents', { headers })).toEqual([400, 'INVALID_ARGUMENT']);
  });

  it('end with the party', async () => {
    const { atInitiator, atProvider } = await openBoth();
    const reader = await EventReader.open(initiator.api);
    const broken = breakOf(atInitiator);
    atProvider.on('error', () => undefined).resume();
    await initiator.stop();
    expect(await broken).toBe('STREAM_CUT');
    atProvider.destroy();
    await expect(reader.next(() => false)).rejects.toThrow('the events ended');
    initiator = await startLiveParty(network, 'initiator');
  });
});
