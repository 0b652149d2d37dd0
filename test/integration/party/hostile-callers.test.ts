import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { ERROR_CODES, isErrorCode } from '@eko/protocol';
import { LiveNetwork } from '../../support/in-process/live-network';
import { outcomeOf, postText } from '../../support/in-process/raw-connection';
import { PLANTED_SECRETS, hostileBody, validRequest } from './hostile-body';
import {
  ALLOWED_LABEL,
  liveRequest,
  startLiveParty,
  type LivePartyNode,
} from '../../support/in-process/live-parties';
import { exchangePlain } from './raw-request';
import { until } from '../../support/until';

jest.setTimeout(120_000);

describe('a party and its hostile callers', () => {
  let network: LiveNetwork;
  let party: LivePartyNode;
  beforeAll(async () => {
    network = await LiveNetwork.start({ orchestrators: 2, witnesses: 4 });
    party = await startLiveParty(network, 'initiator');
  });
  afterAll(async () => {
    await party.stop();
    await network.stop();
  });

  const post = async (body: string, headers: readonly string[] = [], path = '/v1/streams') => {
    const authorization = `authorization: Bearer ${party.api.token}`;
    const answer = await exchangePlain(party.api.address, postText(path, body, [authorization, ...headers]));
    return { ...outcomeOf(answer), answer };
  };
  const codeOf = async (body: string): Promise<string | undefined> => (await post(body)).code;
  const sample = (change: object): string => JSON.stringify({ ...liveRequest(), ...change });
  const labelled = (labels: object): string =>
    sample({ requests: [{ dataType: 'telemetry', permissions: ['read'], labels }] });
  const withDuration = (text: string): string =>
    JSON.stringify(liveRequest()).replace('"durationSeconds":600', `"durationSeconds":${text}`);

  it.each([
    ['an unknown field', () => sample({ extra: 1 })],
    ['a missing field', () => sample({ policy: undefined })],
    ['a number as text', () => withDuration('"600"')],
    ['a fraction', () => withDuration('600.5')],
    ['minus zero', () => withDuration('-0')],
    ['a number beyond all', () => withDuration('1e999')],
    ['a number that cannot be kept', () => withDuration('9007199254740993')],
    ['hexadecimal', () => withDuration('0x10')],
    ['not a number', () => withDuration('NaN')],
    ['null for a document', () => 'null'],
    ['no JSON', () => '{'],
    ['a prototype', () => `{"__proto__":{"isAdmin":true},${JSON.stringify(liveRequest()).slice(1)}`],
    ['a constructor', () => labelled({ constructor: 'x' })],
    ['a key twice', () => `{"policy":{},${JSON.stringify(liveRequest()).slice(1)}`],
    ['half a surrogate pair', () => labelled({ note: 'x' }).replace('"x"', '"\\ud800"')],
    ['NUL', () => sample({ bundleId: `${randomUUID().slice(1)}\0` })],
    ['right-to-left marks', () => sample({ bundleId: `\u202e${randomUUID()}` })],
    ['emoji in an ID', () => sample({ policy: { ...liveRequest().policy, provider: 'pr\u{1f600}vider' } })],
    [
      '10,000 keys',
      () => labelled(Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`k${n}`, '']))),
    ],
    ['no requests', () => sample({ requests: [] })],
    ['201 requests', () => JSON.stringify(liveRequest({ streams: 201 }))],
  ])('are refused %s', async (_what, body) => {
    expect(await codeOf(body())).toBe('INVALID_ARGUMENT');
    expect(Object.hasOwn(Object.prototype, 'isAdmin')).toBe(false);
  });

  it('are refused what is too large or too deep', async () => {
    const deep = `${'['.repeat(9)}${']'.repeat(9)}`;
    expect(await post(sample({ policy: JSON.parse(deep) as unknown }))).toMatchObject({
      status: 400,
      code: 'TOO_DEEP',
    });
    const announced = ['content-length: 5000000'];
    expect(await post('{', announced)).toMatchObject({ status: 413, code: 'TOO_LARGE' });
    const small = '/v1/streams/00000000-0000-4000-8000-000000000000/accept';
    expect(await post('{', ['content-length: 70000'], small)).toMatchObject({
      status: 413,
      code: 'TOO_LARGE',
    });
  });

  it.each(PLANTED_SECRETS.map((secret) => [secret.slice(0, 12), secret]))(
    'do not get their secrets back: %s…',
    async (_start, secret) => {
      const asValue = await post(labelled({ note: secret }));
      expect(asValue.code).toBe('SECRET_IN_METADATA');
      const bodies = [
        labelled({ [secret]: 'x' }),
        sample({ [secret]: 1 }),
        sample({ bundleId: secret }),
        secret,
      ];
      for (const body of bodies) {
        const { code, answer } = await post(body);
        expect(code).toBe('INVALID_ARGUMENT');
        expect(answer).not.toContain(secret);
      }
      expect(asValue.answer).not.toContain(secret);
    },
  );

  it('find nothing on paths that are none', async () => {
    const known = '00000000-0000-4000-8000-000000000000';
    for (const path of [
      '/v1/streams/..%2f..%2fetc%2fpasswd/0',
      '/v1/streams/%00/0',
      '/v1/streams/%zz/0',
      `/v1/streams/${'a'.repeat(101)}/0`,
      `/v1/streams/${known.replace('a', 'A').replace('0', 'F')}/0`,
      `/v1/streams/${known}/0/`,
      `/v1/streams//${known}/0`,
      `//v1/streams/${known}/0`,
      `/v1/streams/${known}/00`,
      `/v1/streams/${known}/1e0`,
      `/v1/streams/${known}/200`,
      `/V1/streams/${known}/0`,
    ]) {
      const request = `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer ${party.api.token}\r\n\r\n`;
      const { status, code } = outcomeOf(await exchangePlain(party.api.address, request));
      expect([path, [400, 404].includes(status), code !== undefined]).toEqual([path, true, true]);
    }
  });

  it.each([
    ['a length that is none', ['content-length: 1x'], 400],
    ['two lengths', ['content-length: 5', 'content-length: 6'], 400],
    ['another media type', ['content-type: text/plain'], 415],
    ['a form', ['content-type: application/x-www-form-urlencoded'], 415],
    ['compression', ['content-encoding: gzip'], 415],
    ['65 headers', Array.from({ length: 65 }, (_, n) => `x-${n}: 1`), 413],
    ['huge headers', [`x-large: ${'x'.repeat(20_000)}`], 431],
  ])('are refused %s', async (_what, headers, status) => {
    expect((await post('{}', headers)).status).toBe(status);
  });

  it('cannot smuggle, hurry or revert to older HTTP', async () => {
    const { address, token } = party.api;
    const old = await exchangePlain(
      address,
      `GET /v1/nodes HTTP/1.0\r\nauthorization: Bearer ${token}\r\n\r\n`,
    );
    expect(old).toMatch(/^HTTP\/1\.1 400 /);
    const expecting = await exchangePlain(address, postText('/v1/streams', '{}', ['expect: 100-continue']));
    expect(expecting).toMatch(/^HTTP\/1\.1 417 /);
    const one = `GET /v1/nodes HTTP/1.1\r\nhost: x\r\n\r\n`;
    const pipelined = await exchangePlain(address, one.repeat(1_000));
    // The connection ends with the second call that does not wait for the first one's answer.
    expect((pipelined.match(/HTTP\/1\.1 /g) ?? []).length).toBeLessThanOrEqual(1);
    expect((await party.api.call('listNodes')).status).toBe(200);
  });

  it('get a coded answer to whatever they send, and never a secret', async () => {
    const { api } = party;
    const made = await api.call('requestStreams', { body: liveRequest({ streams: 4 }) });
    const active = String(made.value['bundleId']);
    await until('the stream is active', async () => {
      const { value } = await api.call('showStream', { path: { bundleId: active, index: 0 } });
      return value['state'] === 'active';
    });
    const texts = fc.oneof(fc.constantFrom(...PLANTED_SECRETS), fc.string({ unit: 'binary' })).map(encodeOdd);
    const path = fc.record({
      bundleId: fc.oneof(fc.constant(active), fc.uuid(), texts),
      index: fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constantFrom(-1, 1e21, 200), texts),
    });
    const query = fc.dictionary(fc.constantFrom('state', 'role', 'limit', 'after', 'more'), texts);
    const bodies: Readonly<Record<string, ReturnType<typeof hostileBody>>> = {
      requestStreams: hostileBody(validRequest()),
      declineStreams: hostileBody({ note: 'no' }),
      revokeStream: hostileBody({ note: 'over' }),
      exportKey: hostileBody({ label: ALLOWED_LABEL, lengthBytes: 32 }),
    };
    const ids = api.operations().flatMap(({ id }) => (id === 'followEvents' ? [] : [id]));
    const call = fc.constantFrom(...ids).chain((id) =>
      fc.record({
        id: fc.constant(id),
        path,
        query: fc.oneof(fc.constant({}), query),
        body: fc.option(bodies[id] ?? hostileBody({}), { nil: undefined }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(call, async ({ id, path: parameters, query: search, body }) => {
        const isGet = api.operations().some((each) => each.id === id && each.method === 'get');
        const { status, value } = await api.call(id, {
          path: parameters,
          // There is no other side to wait for.
          query: id.endsWith('Data') ? { wait: 0, ...search } : search,
          ...(isGet || body === undefined ? {} : { body }),
        });
        const code = String(value['code']);
        if (status >= 500) expect(isErrorCode(code) && ERROR_CODES[code].blame).toBe('unavailable');
        const answer = status < 400 ? '' : JSON.stringify(value);
        for (const secret of [...PLANTED_SECRETS, api.token]) expect(answer).not.toContain(secret);
      }),
      { numRuns: 300 },
    );
    expect((await api.call('listNodes')).status).toBe(200);
  });
});

/** Percent-encoding, of dots too, which a client would resolve. */
function encodeOdd(text: string): string {
  return encodeURIComponent(text).replaceAll('.', '%2e');
}
