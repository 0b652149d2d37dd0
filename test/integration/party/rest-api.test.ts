import { createHash, randomUUID } from 'node:crypto';
import { EkoError } from '@eko/protocol';
import type { LiveNetwork } from '../../support/in-process/live-network';
import type { DescribedApi } from '../../support/in-process/described-api';
import {
  ALLOWED_LABEL,
  liveRequest,
  startLiveParties,
  startLiveParty,
  stopLiveParties,
  type LivePartyNode,
} from '../../support/in-process/live-parties';
import { until } from '../../support/until';
import { askForUpgrade } from './upgraded-socket';

jest.setTimeout(60_000);

describe('the REST API of two parties', () => {
  let network: LiveNetwork;
  let initiator: LivePartyNode;
  let provider: LivePartyNode;
  beforeAll(async () => {
    ({ network, initiator, provider } = await startLiveParties());
  }, 120_000);
  afterAll(async () => {
    await stopLiveParties({ network, initiator, provider });
  }, 60_000);

  const stateOf = async (api: DescribedApi, bundleId: string, index = 0) =>
    (await api.call('showStream', { path: { bundleId, index } })).value['state'];
  const inState = (api: DescribedApi, bundleId: string, state: string) =>
    until(`the stream is ${state}`, async () => {
      const { value } = await api.call('showStream', { path: { bundleId, index: 0 } });
      return value['state'] === state ? value : undefined;
    });
  const twice = async (act: () => Promise<void>): Promise<void> => {
    await act();
    await act();
  };
  /** A bundle whose provider has to answer by itself. */
  const requestUnoffered = async (streams = 1): Promise<string> => {
    const bundleId = randomUUID();
    await initiator.api.call('requestStreams', {
      body: liveRequest({ bundleId, dataType: 'letters', streams }),
    });
    await inState(provider.api, bundleId, 'requested');
    return bundleId;
  };

  it('creates a bundle once: 201, then 200 with the same streams, 409 with another body', async () => {
    const { api } = initiator;
    const bundleId = randomUUID();
    const body = liveRequest({ bundleId, streams: 2 });
    const first = await api.call('requestStreams', { body });
    expect(first.status).toBe(201);
    expect(first.headers.get('cache-control')).toBe('no-store');
    const again = await api.call('requestStreams', { body });
    expect(again.status).toBe(200);
    const namesOf = (value: typeof first.value) =>
      (value['streams'] as { streamId: string }[]).map(({ streamId }) => streamId);
    expect(namesOf(again.value)).toEqual(namesOf(first.value));
    expect(namesOf(first.value)).toEqual([`${bundleId}/0`, `${bundleId}/1`]);
    const other = liveRequest({ bundleId, streams: 3 });
    expect(await api.refusal('requestStreams', { body: other })).toEqual([409, 'IDEMPOTENCY_MISMATCH']);
  });

  it('takes the idempotency key as the name of the bundle', async () => {
    const { api } = initiator;
    const bundleId = randomUUID();
    const headers = { 'idempotency-key': bundleId };
    const first = await api.call('requestStreams', { body: liveRequest(), headers });
    expect([first.status, first.value['bundleId']]).toEqual([201, bundleId]);
    expect((await api.call('requestStreams', { body: liveRequest(), headers })).status).toBe(200);
    const both = liveRequest({ bundleId });
    expect((await api.call('requestStreams', { body: both, headers })).status).toBe(200);
    const differing = liveRequest({ bundleId: randomUUID() });
    for (const call of [
      { body: differing, headers },
      { body: liveRequest(), headers: { 'idempotency-key': 'my-key' } },
    ])
      expect(await api.refusal('requestStreams', call)).toEqual([400, 'INVALID_ARGUMENT']);
  });

  it('refuses what no network can satisfy, and unknown providers', async () => {
    const { api } = initiator;
    const body = liveRequest();
    const crowded = { ...body.policy.witnesses, count: 12, quorum: 9, maxPerOrg: 12 };
    const policy = { ...body.policy, witnesses: crowded };
    expect(await api.refusal('requestStreams', { body: { ...body, policy } })).toEqual([
      422,
      'POLICY_UNSATISFIABLE',
    ]);
    const nobody = { ...body, policy: { ...body.policy, provider: 'nobody' } };
    expect(await api.refusal('requestStreams', { body: nobody })).toEqual([422, 'INVALID_PARTY']);
  });

  it('lets the provider accept what no offer covers, once and again', async () => {
    const bundleId = await requestUnoffered();
    const call = { path: { bundleId } };
    expect(await initiator.api.refusal('acceptStreams', call)).toEqual([403, 'FORBIDDEN']);
    const { value } = await provider.api.call('acceptStreams', call);
    expect(value).toMatchObject({ streams: [{ role: 'provider' }] });
    expect((value['streams'] as { state: string }[])[0]?.state).not.toBe('requested');
    expect((await provider.api.call('acceptStreams', call)).status).toBe(200);
    expect(await provider.api.refusal('declineStreams', { ...call, body: {} })).toEqual([409, 'BAD_STATE']);
    await inState(initiator.api, bundleId, 'active');
  });

  it('lets the provider decline, once and again', async () => {
    const bundleId = await requestUnoffered();
    const call = { path: { bundleId }, body: { note: 'not this month' } };
    await twice(async () => {
      const { value } = await provider.api.call('declineStreams', call);
      expect(value).toMatchObject({
        streams: [{ state: 'ended', end: { reason: 'declined', note: 'not this month', by: 'provider' } }],
      });
    });
    expect(await provider.api.refusal('acceptStreams', { path: { bundleId } })).toEqual([
      410,
      'STREAM_ENDED',
    ]);
  });

  it('completes and revokes, each twice with the same answer', async () => {
    const made = await initiator.api.call('requestStreams', { body: liveRequest({ streams: 2 }) });
    const bundleId = String(made.value['bundleId']);
    await inState(initiator.api, bundleId, 'active');
    await twice(async () => {
      const done = await initiator.api.call('completeStream', { path: { bundleId, index: 0 } });
      expect(done.value).toMatchObject({ state: 'ended', end: { reason: 'completed', by: 'initiator' } });
    });
    await until('stream 1 is active', async () => (await stateOf(provider.api, bundleId, 1)) === 'active');
    await twice(async () => {
      const cut = await provider.api.call('revokeStream', {
        path: { bundleId, index: 1 },
        body: { note: 'enough' },
      });
      expect(cut.value).toMatchObject({
        state: 'ended',
        end: { reason: 'revoked', by: 'provider', note: 'enough' },
      });
    });
  });

  it('exports keys under allowed labels only, the same at both ends', async () => {
    const made = await initiator.api.call('requestStreams', { body: liveRequest() });
    const bundleId = String(made.value['bundleId']);
    await inState(provider.api, bundleId, 'active');
    const path = { bundleId, index: 0 };
    const wanted = { path, body: { label: ALLOWED_LABEL, lengthBytes: 32 } };
    const [theirs, ours] = await Promise.all([
      provider.api.call('exportKey', wanted),
      initiator.api.call('exportKey', wanted),
    ]);
    expect(theirs.value).toEqual(ours.value);
    expect(ours.headers.get('cache-control')).toBe('no-store');
    expect(Buffer.from(String(ours.value['key']), 'base64url')).toHaveLength(32);
    const other = { path, body: { label: 'backup', lengthBytes: 32 } };
    expect(await initiator.api.refusal('exportKey', other)).toEqual([403, 'FORBIDDEN']);
    await initiator.api.call('revokeStream', { path, body: {} });
    expect(await initiator.api.refusal('exportKey', wanted)).toEqual([410, 'STREAM_ENDED']);
  });

  it('lists streams by state and role, page by page', async () => {
    const bundleId = await requestUnoffered(12);
    const everything: string[] = [];
    let after: string | undefined;
    do {
      const { value } = await initiator.api.call('listStreams', {
        query: { limit: 2, ...(after === undefined ? {} : { after }) },
      });
      const page = value['streams'] as { streamId: string }[];
      expect(page.length).toBeLessThanOrEqual(2);
      everything.push(...page.map(({ streamId }) => streamId));
      after = value['next'] as string | undefined;
    } while (after !== undefined);
    expect(everything).toEqual([...new Set(everything)].sort());
    const own = [0, 1, 10, 11, 2, 3, 4, 5, 6, 7, 8, 9].map((index) => `${bundleId}/${index}`);
    expect(everything.filter((id) => id.startsWith(bundleId))).toEqual(own);
    // Behind a stream, and behind a bundle that is not known.
    const gone = `${bundleId.slice(0, -1)}${bundleId.endsWith('f') ? 'e' : 'f'}`;
    for (const after of [`${bundleId}/11`, `${gone}/5`]) {
      const { value } = await initiator.api.call('listStreams', { query: { limit: 100, after } });
      const streams = value['streams'] as { streamId: string }[];
      expect(streams.map(({ streamId }) => streamId)).toEqual(everything.filter((id) => id > after));
    }
    const idsIn = async (api: DescribedApi, query: Record<string, string>) =>
      (await api.call('listStreams', { query: { ...query, limit: 100 } })).value['streams'] as {
        streamId: string;
        state: string;
        role: string;
      }[];
    const requested = await idsIn(provider.api, { state: 'requested', role: 'provider' });
    expect(requested.map(({ streamId }) => streamId)).toEqual(own);
    expect(await idsIn(provider.api, { role: 'initiator' })).toEqual([]);
    for (const query of [{ state: 'gone' }, { limit: 0 }, { limit: 101 }, { after: 'x' }, { more: 1 }])
      expect(await provider.api.refusal('listStreams', { query })).toEqual([400, 'INVALID_ARGUMENT']);
  });

  it('shows every node, and no stream that it does not know', async () => {
    const { value } = await initiator.api.call('listNodes');
    const names = (value['nodes'] as { nodeId: string }[]).map(({ nodeId }) => nodeId);
    expect(names).toEqual([...names].sort());
    expect(names).toHaveLength(8);
    const path = { bundleId: randomUUID(), index: 0 };
    const label = { label: ALLOWED_LABEL, lengthBytes: 32 };
    for (const [id, body] of [
      ['showStream', undefined],
      ['completeStream', {}],
      ['revokeStream', {}],
      ['exportKey', label],
      ['acceptStreams', {}],
      ['declineStreams', {}],
    ] as const)
      expect(await initiator.api.refusal(id, { path, ...(body && { body }) })).toEqual([404, 'NOT_FOUND']);
  });

  it('refuses every operation of its document without a token', async () => {
    const { address } = initiator.api;
    for (const { method, path } of initiator.api.operations()) {
      const answer = await fetch(address + path, { method: method.toUpperCase() });
      expect([path, answer.status]).toEqual([path, 401]);
    }
    expect((await fetch(`${address}/openapi.json`)).status).toBe(200);
    const upgrade = { address, path: `/v1/streams/${randomUUID()}/0/data`, token: 'x'.repeat(43) };
    expect(await askForUpgrade(upgrade)).toEqual({ status: 401, code: 'UNAUTHENTICATED' });
  });

  it('counts what it answered by the patterns of its routes, and by nothing that a caller chose', async () => {
    const path = { bundleId: randomUUID(), index: 0 };
    expect(await initiator.api.refusal('showStream', { path })).toEqual([404, 'NOT_FOUND']);
    const metrics = `http://127.0.0.1:${String(initiator.ready['operations'])}/metrics`;
    const text = await (await fetch(metrics)).text();
    expect(text).toMatch(
      /eko_http_request_seconds_count\{route="[^"]*:bundleId[^"]*",method="GET",status="404"\} [1-9]/,
    );
    expect(text).not.toContain(path.bundleId);
  });

  it('tells what became of a transfer, and the sender of it only when it is confirmed', async () => {
    const { value } = await initiator.api.call('requestStreams', { body: liveRequest() });
    const path = { bundleId: String(value['bundleId']), index: 0 };
    await inState(provider.api, path.bundleId, 'active');
    const transferId = randomUUID();
    const sent = provider.api.call('sendData', { path, body: { anything: 'goes' } });
    const answer = await fetch(initiator.api.address + initiator.api.pathOf('receiveData', { path }), {
      headers: { authorization: `Bearer ${initiator.api.token}`, 'eko-transfer': transferId },
    });
    const body = Buffer.from(await answer.arrayBuffer());
    expect(body.toString()).toBe('{"anything":"goes"}');
    const transfer = { ...path, transferId };
    const before = await initiator.api.call('showTransfer', { path: transfer });
    expect(before.value).toMatchObject({ direction: 'receive', state: 'confirming', bytes: body.length });
    const claim = { bytes: body.length, sha256: createHash('sha256').update(body).digest('hex') };
    const confirmed = await initiator.api.call('confirmTransfer', { path: transfer, body: claim });
    expect(confirmed.value).toMatchObject({ state: 'done', ...claim });
    expect((await sent).value).toMatchObject(claim);
    expect(
      await initiator.api.refusal('showTransfer', { path: { ...path, transferId: randomUUID() } }),
    ).toEqual([404, 'NOT_FOUND']);
  });

  it('was called here by every operation of its document that answers JSON', () => {
    const seen = new Set([...initiator.api.seen, ...provider.api.seen].map((each) => each.split(' ')[0]));
    const described = initiator.api
      .operations()
      .filter(({ operation }) => JSON.stringify(operation['responses']).includes('"application/json"'));
    expect(described.map(({ id }) => id).filter((id) => !seen.has(id))).toEqual([]);
    const rest = initiator.api.operations().length - described.length;
    expect(rest).toBe(2);
  });

  it('knows after a restart what it requested before, and has its keys released again', async () => {
    const bundleId = randomUUID();
    const body = liveRequest({ bundleId });
    await initiator.api.call('requestStreams', { body });
    await inState(initiator.api, bundleId, 'active');
    const wanted = { path: { bundleId, index: 0 }, body: { label: ALLOWED_LABEL, lengthBytes: 32 } };
    const before = await initiator.api.call('exportKey', wanted);
    await initiator.stop();
    initiator = await startLiveParty(network, 'initiator');
    expect((await initiator.api.call('requestStreams', { body })).status).toBe(200);
    expect((await initiator.api.call('exportKey', wanted)).value).toEqual(before.value);
  });

  it('does not start with a token file that others can read, nor beyond loopback', async () => {
    const { tokenFile } = initiator;
    await initiator.stop();
    const { chmod } = await import('node:fs/promises');
    await expect(
      startLiveParty(network, 'initiator', { tokenFile: `${tokenFile}.not` }),
    ).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
    await expect(startLiveParty(network, 'initiator', { host: '0.0.0.0' })).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
    });
    await chmod(tokenFile, 0o644);
    const refused = startLiveParty(network, 'initiator', { tokenFile });
    await expect(refused).rejects.toBeInstanceOf(EkoError);
    await expect(refused).rejects.toMatchObject({ code: 'INVALID_CONFIG', details: { file: tokenFile } });
    await chmod(tokenFile, 0o600);
    initiator = await startLiveParty(network, 'initiator');
  });
});
