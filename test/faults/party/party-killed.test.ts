import { randomUUID } from 'node:crypto';
import { EVENTS, TRANSACTIONS } from '@eko/protocol/ledger';
import { LiveNetwork } from '../../support/in-process/live-network';
import { EventReader } from '../../support/in-process/event-reader';
import { ALLOWED_LABEL, liveRequest } from '../../support/in-process/live-parties';
import { PartyProcess } from './party-process';
import { until } from '../../support/until';

jest.setTimeout(120_000);

describe('a party that is killed', () => {
  let network: LiveNetwork;
  let party: PartyProcess;
  beforeAll(async () => {
    network = await LiveNetwork.start({ orchestrators: 2, witnesses: 4 });
    party = await PartyProcess.start(network, 'initiator');
  });
  afterAll(async () => {
    await party.kill();
    await network.stop();
  });

  const restart = async (): Promise<void> => {
    party = await PartyProcess.start(network, 'initiator');
  };
  const request = async (): Promise<string> => {
    const bundleId = randomUUID();
    const { status } = await party.api.call('requestStreams', { body: liveRequest({ bundleId }) });
    expect(status).toBe(201);
    return bundleId;
  };
  const stateOf = async (bundleId: string): Promise<unknown> =>
    (await party.api.call('showStream', { path: { bundleId, index: 0 } })).value['state'];
  const untilActive = (bundleId: string) =>
    until(`${bundleId} is active`, async () => (await stateOf(bundleId)) === 'active');
  const exportKey = { label: ALLOWED_LABEL, lengthBytes: 32 };

  it('knows every stream that it acknowledged, and its feed leaves no event out', async () => {
    const acknowledged: string[] = [];
    const requested: string[] = [];
    let lastEventId: string | undefined;
    for (const count of [1, 3, 5, 0]) {
      const feed = await EventReader.open(party.api, lastEventId);
      while (requested.length < acknowledged.length) {
        const event = await feed.next(({ name }) => name === EVENTS.streamsRequested);
        lastEventId = event.id;
        requested.push((JSON.parse(event.data) as { bundle: { bundleId: string } }).bundle.bundleId);
      }
      feed.close();
      expect(requested).toEqual(acknowledged);
      for (let n = 0; n < count; n += 1) acknowledged.push(await request());
      await party.kill();
      await restart();
      const { value } = await party.api.call('listStreams', { query: { limit: '100' } });
      const known = (value['streams'] as { bundleId: string }[]).map(({ bundleId }) => bundleId);
      expect(known.sort()).toEqual([...acknowledged].sort());
      // The first round has no event to go on from.
      lastEventId ??= '0/none';
    }
    await Promise.all(acknowledged.map(untilActive));
  });

  it('rebuilds the key of a stream that lives, and has none for one that ended while it was down', async () => {
    const [living, revoked] = [await request(), await request()];
    await Promise.all([untilActive(living), untilActive(revoked)]);
    const keyOf = async (bundleId: string): Promise<unknown> =>
      (await party.api.call('exportKey', { path: { bundleId, index: 0 }, body: exportKey })).value['key'];
    const [key] = [await keyOf(living), await keyOf(revoked)];
    await party.kill();
    const { ledger } = network.party('initiator');
    await ledger.submit(TRANSACTIONS.revokeStream, { bundleId: revoked, streams: 'all' });
    await restart();
    expect(await stateOf(revoked)).toBe('ended');
    const call = { path: { bundleId: revoked, index: 0 }, body: exportKey };
    expect((await party.api.refusal('exportKey', call))[1]).toBe('STREAM_ENDED');
    expect(await keyOf(living)).toBe(key);
    await network.untilAttested(revoked, ['initiator']);
  });
});
