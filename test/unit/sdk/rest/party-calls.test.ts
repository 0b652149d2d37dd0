import { text as bodyText } from 'node:stream/consumers';
import { PartyApi } from '../../../../client-sdk/sdk/src/rest/party-api';
import { json, scriptedParty, streamOf, type Script } from '../../../support/simulated/scripted-party';

const STREAM = streamOf({});
const POLICY = {
  provider: 'lab',
  durationSeconds: 60,
  dealers: 1,
  witnesses: { count: 1, quorum: 1, witnessesCanVerify: false, maxPerOrg: 1 },
  onLedgerLoss: 'close',
} as const;
const BUNDLE = { bundleId: STREAM.bundleId, policy: POLICY, streams: [STREAM] };
const PAGE = { streams: [STREAM], next: STREAM.streamId };

describe('a call of a party', () => {
  const closers: (() => void)[] = [];
  afterEach(() => {
    for (const close of closers.splice(0)) close();
  });

  /** A client of a party that answers this to everything, and what it was asked for. */
  const party = async (answer: unknown) => {
    const asked: { method?: string; url?: string; key?: unknown; body: string }[] = [];
    const answered: Script[string] = async (request, response) => {
      const { method = '', url = '', headers } = request;
      const key = headers['idempotency-key'];
      asked.push({ method, url, ...(key === undefined ? {} : { key }), body: await bodyText(request) });
      json(response, answer);
    };
    const { access, close } = await scriptedParty({
      'POST decline': answered,
      'POST streams': answered,
      'GET streams': answered,
      'GET nodes': answered,
    });
    closers.push(close);
    return { api: new PartyApi(access, new AbortController().signal), asked };
  };

  it('goes where the table of operations says, with all parts of its request', async () => {
    const { api, asked } = await party(BUNDLE);
    const { bundleId } = BUNDLE;
    await api.call('declineStreams', { params: { bundleId }, body: { note: 'not now' } });
    const body = { policy: POLICY, requests: [STREAM.request] };
    await api.call('requestStreams', { headers: { 'idempotency-key': bundleId }, body });
    expect(asked).toEqual([
      { method: 'POST', url: `/v1/streams/${bundleId}/decline`, body: '{"note":"not now"}' },
      { method: 'POST', url: '/v1/streams', key: bundleId, body: JSON.stringify(body) },
    ]);
  });

  it('has a query where it is given one, and no body where it reads', async () => {
    const { api, asked } = await party(PAGE);
    expect(await api.list({ state: 'active', limit: 1 })).toEqual(PAGE);
    await api.list();
    expect(asked).toEqual([
      { method: 'GET', url: '/v1/streams?state=active&limit=1', body: '' },
      { method: 'GET', url: '/v1/streams', body: '' },
    ]);
  });

  it('is not taken for another where something else is answered', async () => {
    const { api } = await party(PAGE);
    await expect(api.call('listNodes', {})).rejects.toMatchObject({ code: 'CORRUPT_RECORD' });
  });
});
