import { createServer, type Server } from 'node:https';
import { constants } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { peerRoute } from '@eko/node-kit';
import { EkoError } from '@eko/protocol';
import { hashText } from '@eko/protocol/crypto';
import { PROBLEM_MEDIA_TYPE, encodeProblem } from '@eko/protocol/rest';
import { type NodeRecord } from '@eko/protocol/ledger';
import { EndpointPolicy } from '@eko/sdk/node';
import { RawBytes } from '../../../client-sdk/protocol/src/rest/message-body';
import { newTlsIdentity } from '../../../client-sdk/sdk/src/keys/new-tls-identity';
import { Type } from '@sinclair/typebox';
import { newGate } from '../../support/gate';
import { nodeRecordOf, startNodePair, type NodePair } from '../../support/in-process/node-pair';
import { rejectionOf } from '../../support/coded-error';

const Echo = Type.Object({ text: Type.String({ maxLength: 100_000 }) }, { additionalProperties: false });
const EchoAnswer = Type.Object(
  { text: Type.String(), caller: Type.String() },
  { additionalProperties: false },
);
const Bytes = Type.Object(
  { bytes: RawBytes(70_000), caller: Type.String() },
  { additionalProperties: false },
);
const call = { answerSchema: EchoAnswer, deadlineMs: 5_000 };

const routes = [
  peerRoute({
    path: '/v1/echo',
    body: Echo,
    handle: async (peer, { text }) => ({ text, caller: peer.nodeId }),
  }),
  peerRoute({
    path: '/v1/refuse',
    body: Echo,
    handle: async () => {
      throw new EkoError('STREAM_ENDED', 'The stream has ended', {
        details: { streamId: 'x/0', reason: 'revoked' },
      });
    },
  }),
  peerRoute({
    path: '/v1/break',
    body: Echo,
    handle: async () => {
      throw new Error('password=hunter2');
    },
  }),
  peerRoute({ path: '/v1/hang', body: Echo, handle: () => new Promise(() => undefined) }),
  peerRoute({ path: '/v1/witnesses', body: Echo, roles: ['witness'], handle: async () => ({}) }),
  peerRoute({
    path: '/v1/bytes',
    body: Bytes,
    bodyBytes: 100_000,
    handle: async (peer, { bytes }) => ({ caller: peer.nodeId, bytes: bytes.toReversed() }),
  }),
  peerRoute({ path: '/v1/other', body: Echo, handle: async () => ({ other: 1 }) }),
];

describe('a call from node to node', () => {
  let pair: NodePair;
  beforeAll(async () => {
    pair = await startNodePair({ routes, limits: { handlerMs: 300 } });
  });
  afterAll(async () => pair.close());

  it('carries the body there and the answer back, and tells the handler who calls', async () => {
    const answer = await pair.client.call({
      ...call,
      node: pair.record,
      route: '/v1/echo',
      body: { text: 'grüß' },
    });
    expect(answer).toEqual({ text: 'grüß', caller: 'client-1' });
  });

  it('carries raw bytes there and back, more of them than a record of TLS has', async () => {
    const bytes = Uint8Array.from({ length: 70_000 }, (_, place) => place % 251);
    const given = { ...call, answerSchema: Bytes, node: pair.record, route: '/v1/bytes' };
    const answer = await pair.client.call({ ...given, body: { bytes, caller: '' } });
    expect(answer.caller).toBe('client-1');
    expect(hashText(answer.bytes)).toBe(hashText(bytes.toReversed()));
  });

  it('takes a message only in the media type of its route', async () => {
    const codeOf = async (route: string, body: unknown) =>
      (await rejectionOf(pair.client.call({ ...call, node: pair.record, route, body }))).code;
    expect(await codeOf('/v1/bytes', { bytes: 'AAAA', caller: '' })).toBe('UNSUPPORTED_MEDIA_TYPE');
    expect(await codeOf('/v1/echo', { text: Uint8Array.of(1) })).toBe('UNSUPPORTED_MEDIA_TYPE');
    expect(await codeOf('/v1/bytes', { bytes: new Uint8Array(70_001), caller: '' })).toBe('INVALID_ARGUMENT');
    expect(await codeOf('/v1/bytes', { bytes: new Uint8Array(100_000), caller: '' })).toBe('TOO_LARGE');
  });

  it("brings the peer's error with its code, details and name", async () => {
    const error = await rejectionOf(
      pair.client.call({ ...call, node: pair.record, route: '/v1/refuse', body: { text: '' } }),
    );
    expect(error.code).toBe('STREAM_ENDED');
    expect(error.details).toEqual({ streamId: 'x/0', reason: 'revoked', peer: 'server-1' });
  });

  it('says nothing of a failure that is not ours', async () => {
    const error = await rejectionOf(
      pair.client.call({ ...call, node: pair.record, route: '/v1/break', body: { text: '' } }),
    );
    expect(error.code).toBe('INTERNAL');
    expect(JSON.stringify(error)).not.toContain('hunter2');
    expect(pair.logger.lines.map(({ event }) => event)).toContain('request failed');
  });

  it.each([
    ['an unknown field', { text: '', more: 1 }],
    ['a missing field', {}],
    ['a number for a text', { text: 5 }],
    ['no object', []],
  ])('refuses a body with %s', async (_what, body) => {
    const error = await rejectionOf(
      pair.client.call({ ...call, node: pair.record, route: '/v1/echo', body }),
    );
    expect(error.code).toBe('INVALID_ARGUMENT');
  });

  it('refuses a body over the limit', async () => {
    const body = { text: 'x'.repeat(70_000) };
    const error = await rejectionOf(
      pair.client.call({ ...call, node: pair.record, route: '/v1/echo', body }),
    );
    expect(error.code).toBe('TOO_LARGE');
  });

  it('refuses a role that the route is not for, and a route that is not there', async () => {
    const codeOf = async (route: string) =>
      (await rejectionOf(pair.client.call({ ...call, node: pair.record, route, body: { text: '' } }))).code;
    expect(await codeOf('/v1/witnesses')).toBe('FORBIDDEN');
    expect(await codeOf('/v1/nothing')).toBe('NOT_FOUND');
  });

  it('takes no answer of another shape', async () => {
    const error = await rejectionOf(
      pair.client.call({ ...call, node: pair.record, route: '/v1/other', body: { text: '' } }),
    );
    expect([error.code, error.details]).toEqual([
      'PEER_UNAVAILABLE',
      { peer: 'server-1', reason: 'answer does not fit' },
    ]);
  });

  it('ends at its own deadline, at the handler time of the server, and when it is cancelled', async () => {
    const hang = { ...call, node: pair.record, route: '/v1/hang', body: { text: '' } };
    expect((await rejectionOf(pair.client.call({ ...hang, deadlineMs: 50 }))).code).toBe('DEADLINE_EXCEEDED');
    const late = await rejectionOf(pair.client.call(hang));
    expect([late.code, late.details['peer']]).toEqual(['DEADLINE_EXCEEDED', 'server-1']);
    const controller = new AbortController();
    const cancelled = rejectionOf(pair.client.call({ ...hang, signal: controller.signal }));
    controller.abort();
    expect((await cancelled).code).toBe('CANCELLED');
  });

  it('tells a handler that nobody waits any more, and the next one of that connection nothing of it', async () => {
    const stopped = newGate();
    const told: boolean[] = [];
    const waiting = await startNodePair({
      routes: [
        peerRoute({
          path: '/v1/wait',
          body: Echo,
          handle: async (peer, { text }, signal) => {
            told.push(signal.aborted);
            if (text === 'wait') {
              signal.addEventListener('abort', stopped.open);
              await stopped.wait;
            }
            return { text, caller: peer.nodeId };
          },
        }),
      ],
      limits: { handlerMs: 100 },
    });
    const wait = { ...call, node: waiting.record, route: '/v1/wait' };
    const late = await rejectionOf(waiting.client.call({ ...wait, body: { text: 'wait' } }));
    expect([late.code, late.details['peer']]).toEqual(['DEADLINE_EXCEEDED', 'server-1']);
    await stopped.wait;
    await waiting.client.call({ ...wait, body: { text: '' } });
    expect(told).toEqual([false, false]);
    await waiting.close();
  });

  it('refuses a caller whose certificate the registry does not hold, also on an open connection', async () => {
    const client = pair.newClient({ tls: await newTlsIdentity('client-1') });
    const echo = { ...call, node: pair.record, route: '/v1/echo', body: { text: '' } };
    // Its connection ends with the handshake: there is nobody to answer.
    expect((await rejectionOf(client.call(echo))).code).toBe('PEER_UNAVAILABLE');

    const open = pair.newClient();
    await open.call(echo);
    pair.directory.remove(pair.clientTls);
    expect((await rejectionOf(open.call(echo))).code).toBe('UNAUTHENTICATED');
    pair.directory.add('client-1', pair.clientTls);
    await open.call(echo);
  });

  it('sends nothing to a server that shows another certificate than the pinned one', async () => {
    const other = await newTlsIdentity('server-1');
    const record = nodeRecordOf('server-1', other.certificateDer, pair.port);
    const before = pair.logger.lines.length;
    const error = await rejectionOf(
      pair.newClient().call({ ...call, node: record, route: '/v1/echo', body: { text: 'secret' } }),
    );
    expect([error.code, error.details]).toEqual(['HANDSHAKE_REFUSED', { peer: 'server-1' }]);
    expect(pair.logger.lines).toHaveLength(before);
  });

  it('says that nobody is there', async () => {
    const record = nodeRecordOf('server-1', pair.serverTls.certificateDer, 1);
    const error = await rejectionOf(
      pair.newClient().call({
        ...call,
        node: { ...record, endpoint: 'https://127.0.0.1:65535' },
        route: '/v1/echo',
        body: {},
      }),
    );
    expect([error.code, error.details]).toEqual([
      'PEER_UNAVAILABLE',
      { peer: 'server-1', reason: 'connection' },
    ]);
  });

  it('connects to no address that the policy does not allow', async () => {
    const client = pair.newClient({ endpoints: new EndpointPolicy() });
    const error = await rejectionOf(client.call({ ...call, node: pair.record, route: '/v1/echo', body: {} }));
    expect(error.code).toBe('ENDPOINT_REFUSED');
  });

  it('needs an endpoint', async () => {
    const record: NodeRecord = { ...pair.record };
    Reflect.deleteProperty(record, 'endpoint');
    const error = await rejectionOf(pair.client.call({ ...call, node: record, route: '/v1/echo', body: {} }));
    expect(error.code).toBe('INVALID_ENDPOINT');
  });

  it('limits each caller', async () => {
    const limited = await startNodePair({
      routes,
      limits: { rateBurst: 2, ratePerSecond: 1 },
      nowMs: () => 0,
    });
    const echo = { ...call, node: limited.record, route: '/v1/echo', body: { text: '' } };
    await limited.client.call(echo);
    await limited.client.call(echo);
    const error = await rejectionOf(limited.client.call(echo));
    expect([error.code, error.details]).toEqual(['RATE_LIMITED', { retryAfterMs: 1000, peer: 'server-1' }]);
    await limited.close();
  });

  it('finishes what is under way when the server stops, and takes nothing new', async () => {
    const entered = newGate();
    const released = newGate();
    const stopping = await startNodePair({
      routes: [
        peerRoute({
          path: '/v1/slow',
          body: Echo,
          handle: async (peer, { text }) => {
            entered.open();
            await released.wait;
            return { text, caller: peer.nodeId };
          },
        }),
      ],
    });
    const slow = { ...call, node: stopping.record, route: '/v1/slow', body: { text: 'done' } };
    const underWay = stopping.client.call(slow);
    await entered.wait;
    const closing = stopping.server.close({ drainMs: 5_000 });
    released.open();
    expect((await underWay).text).toBe('done');
    await closing;
    expect((await rejectionOf(stopping.newClient().call(slow))).code).toBe('PEER_UNAVAILABLE');
    await stopping.close();
  });
});

describe('a call to a hostile server', () => {
  let server: Server;
  let record: NodeRecord;
  let pair: NodePair;
  let answer: { status: number; type: string; body: string | Buffer; location?: string };
  beforeAll(async () => {
    const tls = await newTlsIdentity('evil');
    pair = await startNodePair({ routes: [] });
    server = createServer(
      {
        key: Buffer.from(tls.key),
        cert: tls.certificate,
        minVersion: 'TLSv1.3',
        secureOptions: constants.SSL_OP_NO_TICKET,
      },
      (_request, response) => {
        response.writeHead(answer.status, {
          'content-type': answer.type,
          ...(answer.location === undefined ? {} : { location: answer.location }),
        });
        response.end(answer.body);
      },
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    record = nodeRecordOf('evil', tls.certificateDer, (server.address() as AddressInfo).port);
  });
  afterAll(async () => {
    await pair.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const json = 'application/json';
  const cases: readonly [string, typeof answer, string][] = [
    ['10 MB', { status: 200, type: json, body: Buffer.alloc(10_000_000, 32) }, 'answer too large'],
    [
      'double keys',
      { status: 200, type: json, body: '{"text":"a","text":"b","caller":""}' },
      'answer is not strict JSON',
    ],
    ['deep JSON', { status: 200, type: json, body: '['.repeat(500_000) }, 'answer is not strict JSON'],
    ['no UTF-8', { status: 200, type: json, body: Buffer.of(34, 255, 34) }, 'answer is not strict JSON'],
    ['a page', { status: 200, type: 'text/html', body: '<html>' }, 'status 200'],
    [
      'a redirect',
      { status: 307, type: json, body: '{}', location: 'https://169.254.169.254/' },
      'status 307',
    ],
    ['an unknown code', { status: 400, type: PROBLEM_MEDIA_TYPE, body: '{"code":"PWNED"}' }, 'status 400'],
    [
      'a code of the prototype',
      { status: 400, type: PROBLEM_MEDIA_TYPE, body: '{"code":"toString"}' },
      'status 400',
    ],
  ];
  it.each(cases)('refuses %s', async (_what, hostile, reason) => {
    answer = hostile;
    const error = await rejectionOf(pair.client.call({ ...call, node: record, route: '/v1/echo', body: {} }));
    expect([error.code, error.details]).toEqual(['PEER_UNAVAILABLE', { peer: 'evil', reason }]);
  });

  it('takes only so much of an error, and keeps its own word on who answered', async () => {
    const problem = encodeProblem(
      new EkoError('FENCED', 'x'.repeat(5_000), { details: { peer: 'friend', long: 'y'.repeat(5_000) } }),
    );
    answer = {
      status: 409,
      type: PROBLEM_MEDIA_TYPE,
      body: JSON.stringify({ ...problem, nested: { a: 1 } }),
    };
    const error = await rejectionOf(pair.client.call({ ...call, node: record, route: '/v1/echo', body: {} }));
    expect([error.code, error.details, error.message.length]).toEqual(['FENCED', { peer: 'evil' }, 300]);
  });
});
