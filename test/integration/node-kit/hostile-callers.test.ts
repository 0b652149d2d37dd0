import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { peerRoute } from '@eko/node-kit';
import { type Refusal } from '../../../network/node-kit/src/http/connection-gate';
import { type ServerLimits } from '../../../network/node-kit/src/http/server-limits';
import type { TlsIdentity } from '@eko/sdk/node';
import { newTlsIdentity } from '../../../client-sdk/sdk/src/keys/new-tls-identity';
import { Type } from '@sinclair/typebox';
import { startNodePair, type NodePair } from '../../support/in-process/node-pair';
import { exchangeRaw, outcomeOf, postText } from '../../support/in-process/raw-connection';

const Any = Type.Object({ a: Type.Optional(Type.Unknown()) }, { additionalProperties: false });

const ONE =
  'POST /v1/take HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}';

let handled = 0;
const routes = [
  peerRoute({
    path: '/v1/take',
    body: Any,
    handle: async () => {
      handled += 1;
      return { ok: true };
    },
  }),
];

const start = (limits: Partial<ServerLimits> = {}): Promise<NodePair> => startNodePair({ routes, limits });

describe('a node server among hostile callers', () => {
  let pair: NodePair;
  let stranger: TlsIdentity;
  beforeAll(async () => {
    pair = await start({ requestMs: 300, headersMs: 200, handshakeMs: 200, rateBurst: 1e6 });
    stranger = await newTlsIdentity('client-1');
  });
  afterAll(async () => pair.close());
  beforeEach(() => {
    handled = 0;
  });

  const send = async (text: string, tls: TlsIdentity | undefined = pair.clientTls) =>
    outcomeOf(await exchangeRaw(pair.port, tls, text));
  /** What the server says to a caller that it does not know; a connection that it breaks is one without a word. */
  const wordsTo = (caller: TlsIdentity | undefined, text: string, options: ConnectionOptions = {}) =>
    exchangeRaw(pair.port, caller, text, options).catch((error: unknown) => {
      expect(error).toMatchObject({ code: expect.stringMatching(/^(ECONNRESET|EPIPE)$/) as string });
      return '';
    });
  const isAlive = async () => {
    expect(await send(postText('/v1/take', '{}'))).toEqual({ status: 200, code: undefined });
  };

  it('ends the connection of a stranger without a word, the same for every path', async () => {
    const headersOnly = (path: string) => postText(path, '', ['content-length: 1000']);
    for (const caller of [stranger, undefined]) {
      for (const path of ['/v1/take', '/v1/nothing', '/v1/..%2f..%2fetc%2fpasswd']) {
        expect(await wordsTo(caller, headersOnly(path))).toBe('');
      }
    }
    expect(handled).toBe(0);
  });

  it('waits for no request of a stranger', async () => {
    const silent = connect({ host: '127.0.0.1', port: pair.port, rejectUnauthorized: false });
    silent.on('error', () => undefined).resume();
    await once(silent, 'close');
    await isAlive();
  });

  it('speaks TLS 1.3 only', async () => {
    await expect(exchangeRaw(pair.port, pair.clientTls, '', { maxVersion: 'TLSv1.2' })).rejects.toMatchObject(
      {
        code: expect.stringContaining('ALERT_PROTOCOL_VERSION') as string,
      },
    );
  });

  it('resumes no session, neither for its owner nor for a stranger', async () => {
    const sessions: Buffer[] = [];
    const dial = (tls: TlsIdentity, session?: Buffer) =>
      connect({
        host: '127.0.0.1',
        port: pair.port,
        rejectUnauthorized: false,
        key: Buffer.from(tls.key),
        cert: tls.certificate,
        ...(session === undefined ? {} : { session }),
      });
    const first = dial(pair.clientTls).on('session', (session: Buffer) => sessions.push(session));
    first.resume().write(postText('/v1/take', '{}'));
    await once(first, 'close');
    // What the server offers is no ticket, and it remembers nothing under the name that it gives.
    expect(sessions.length).toBeGreaterThan(0);
    for (const session of sessions) {
      const again = dial(pair.clientTls, session);
      await once(again, 'secureConnect');
      expect(again.isSessionReused()).toBe(false);
      again.write(postText('/v1/take', '{}'));
      const [answer] = (await once(again, 'data')) as [Buffer];
      expect(outcomeOf(answer.toString()).status).toBe(200);
      again.destroy();
      expect(await wordsTo(stranger, postText('/v1/take', '{}'), { session })).toBe('');
    }
  });

  it('closes connections that never finish the handshake, and those that are no TLS', async () => {
    for (const first of ['', 'GET / HTTP/1.1\r\n\r\n', '\u0016\u0003\u0001']) {
      const socket = connectTcp(pair.port, '127.0.0.1');
      socket.write(Buffer.from(first, 'latin1'));
      socket.resume();
      socket.on('error', () => undefined);
      await once(socket, 'close');
    }
    await isAlive();
  });

  const refused: readonly [string, string, number, string][] = [
    ['no content type', postText('/v1/take', '{}', ['content-type: ']), 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['text', postText('/v1/take', '{}', ['content-type: text/plain']), 415, 'UNSUPPORTED_MEDIA_TYPE'],
    [
      'a form',
      postText('/v1/take', 'a=1', ['content-type: application/x-www-form-urlencoded']),
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    [
      'a gzip bomb',
      postText('/v1/take', gzipSync(Buffer.alloc(1e6)).toString('latin1'), ['content-encoding: gzip']),
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    ['double keys', postText('/v1/take', '{"a":1,"a":2}'), 400, 'INVALID_ARGUMENT'],
    ['__proto__', postText('/v1/take', '{"__proto__":{"a":1}}'), 400, 'INVALID_ARGUMENT'],
    ['constructor', postText('/v1/take', '{"a":{"constructor":{"prototype":1}}}'), 400, 'INVALID_ARGUMENT'],
    ['an unknown field', postText('/v1/take', '{"b":1}'), 400, 'INVALID_ARGUMENT'],
    ['an empty body', postText('/v1/take', ''), 400, 'INVALID_ARGUMENT'],
    ['half a body', postText('/v1/take', '{"a":'), 400, 'INVALID_ARGUMENT'],
    ['half a character', postText('/v1/take', '{"a":"\\ud800"}'), 400, 'INVALID_ARGUMENT'],
    ['9 levels', postText('/v1/take', `{"a":${'['.repeat(8)}${']'.repeat(8)}}`), 400, 'TOO_DEEP'],
    ['30,000 levels', postText('/v1/take', '['.repeat(30_000)), 400, 'TOO_DEEP'],
    ['too long a body', postText('/v1/take', `{"a":"${'x'.repeat(65_536)}"}`), 413, 'TOO_LARGE'],
    [
      'an announced body of 1 GB',
      postText('/v1/take', '{}', ['content-length: 1000000000']),
      413,
      'TOO_LARGE',
    ],
    [
      'a chunked body without end',
      postText('/v1/take', `ffff\r\n${'x'.repeat(65_535)}\r\n`.repeat(3), ['transfer-encoding: chunked']),
      413,
      'TOO_LARGE',
    ],
    ['a negative length', postText('/v1/take', '{}', ['content-length: -1']), 400, 'INVALID_ARGUMENT'],
    [
      'two lengths',
      postText('/v1/take', '{}', ['content-length: 2', 'content-length: 3']),
      400,
      'INVALID_ARGUMENT',
    ],
    [
      'length and chunks at once',
      postText('/v1/take', '0\r\n\r\n', ['content-length: 5', 'transfer-encoding: chunked']),
      400,
      'INVALID_ARGUMENT',
    ],
    ['no HTTP', 'hello\r\n\r\n', 400, 'INVALID_ARGUMENT'],
    ['HTTP/1.0', 'POST /v1/take HTTP/1.0\r\nhost: x\r\ncontent-length: 0\r\n\r\n', 400, 'INVALID_ARGUMENT'],
    [
      '65 headers',
      postText(
        '/v1/take',
        '{}',
        Array.from({ length: 61 }, (_, index) => `x-${index}: 1`),
      ),
      413,
      'TOO_LARGE',
    ],
    [
      '10,000 headers',
      postText(
        '/v1/take',
        '{}',
        Array.from({ length: 10_000 }, (_, index) => `x-${index}: 1`),
      ),
      431,
      'TOO_LARGE',
    ],
    ['a header of 20 kB', postText('/v1/take', '{}', [`x: ${'y'.repeat(20_000)}`]), 431, 'TOO_LARGE'],
    ['GET', 'GET /v1/take HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n', 404, 'NOT_FOUND'],
    ['a bad escape', postText('/v1/%zz', '{}'), 400, 'INVALID_ARGUMENT'],
    ['a zero byte', postText('/v1/take%00', '{}'), 404, 'NOT_FOUND'],
    ['a way up', postText('/v1/..%2f..%2fetc%2fpasswd', '{}'), 404, 'NOT_FOUND'],
    ['a trailing slash', postText('/v1/take/', '{}'), 404, 'NOT_FOUND'],
    ['a double slash', postText('//v1//take', '{}'), 404, 'NOT_FOUND'],
    ['upper case', postText('/V1/TAKE', '{}'), 404, 'NOT_FOUND'],
  ];
  it.each(refused)('refuses %s', async (_what, text, status, code) => {
    expect(await send(text)).toEqual({ status, code });
    expect(handled).toBe(0);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it('refuses a body that is expected to be asked for', async () => {
    expect((await send(postText('/v1/take', '{}', ['expect: 100-continue']))).status).toBe(417);
  });

  it('gives a body and headers that trickle in only so much time', async () => {
    expect(await send(postText('/v1/take', '{"a":', ['content-length: 100']))).toEqual({
      status: 408,
      code: 'DEADLINE_EXCEEDED',
    });
    expect(await send('POST /v1/take HTTP/1.1\r\nhost: x\r\n')).toEqual({
      status: 408,
      code: 'DEADLINE_EXCEEDED',
    });
  });

  it('answers requests that come all at once in their order', async () => {
    const answers = await exchangeRaw(pair.port, pair.clientTls, ONE.repeat(99) + postText('/v1/take', '{}'));
    expect(answers.split('HTTP/1.1 200 OK')).toHaveLength(101);
    expect(handled).toBe(100);
  });

  it('cuts off a caller that sends far ahead of the answers', async () => {
    await exchangeRaw(pair.port, pair.clientTls, ONE.repeat(5_000));
    expect(handled).toBeLessThan(1_000);
    await isAlive();
  });

  it('names itself in no header', async () => {
    const answer = await exchangeRaw(pair.port, pair.clientTls, postText('/v1/take', '{}'));
    expect(answer).not.toMatch(/^(server|x-powered-by):/im);
  });

  it('is alive after all that', async () => isAlive());
});

describe('a node server with few connections', () => {
  let pair: NodePair | undefined;
  afterEach(() => pair?.close());
  const few = async (limits: Partial<ServerLimits>): Promise<NodePair & { readonly refusals: Refusal[] }> => {
    const refusals: Refusal[] = [];
    pair = await startNodePair({ routes, limits, onRefused: (refusal) => refusals.push(refusal) });
    return { ...pair, refusals };
  };
  const silent = async (port: number, count: number, localAddress: string): Promise<readonly Socket[]> => {
    const sockets: Socket[] = [];
    for (let made = 0; made < count; made += 1) {
      const socket = connectTcp({ host: '127.0.0.1', port, localAddress }).on('error', () => undefined);
      sockets.push(socket.resume());
      await once(socket, 'connect');
    }
    return sockets;
  };

  it('lets the oldest stranger make room', async () => {
    const pair = await few({ strangers: 3 });
    const held = await silent(pair.port, 3, '127.0.0.1');
    const [oldest] = held;
    if (oldest === undefined) throw new RangeError('three are held');
    const ended = once(oldest, 'close');
    expect(outcomeOf(await exchangeRaw(pair.port, pair.clientTls, postText('/v1/take', '{}'))).status).toBe(
      200,
    );
    await ended;
    expect(pair.refusals).toEqual(['crowded']);
    for (const socket of held) socket.destroy();
  });

  it('keeps those of one address to its share', async () => {
    const pair = await few({ strangers: 100, strangersEach: 2 });
    const [patient] = await silent(pair.port, 1, '127.0.0.3');
    const held = await silent(pair.port, 6, '127.0.0.2');
    await Promise.all(held.slice(0, 4).map(async (socket) => socket.closed || once(socket, 'close')));
    expect(pair.refusals).toEqual(Array(4).fill('crowded'));
    expect(patient?.destroyed).toBe(false);
    for (const socket of [...held, ...(patient === undefined ? [] : [patient])]) socket.destroy();
  });

  it('counts a caller that it knows among none of them', async () => {
    const pair = await few({ strangers: 1, connectionsEach: 2 });
    const dial = async (): Promise<TLSSocket> => {
      const socket = connect({
        host: '127.0.0.1',
        port: pair.port,
        rejectUnauthorized: false,
        key: Buffer.from(pair.clientTls.key),
        cert: pair.clientTls.certificate,
      });
      socket.on('error', () => undefined);
      await once(socket, 'secureConnect');
      socket.write(ONE);
      await once(socket, 'data');
      return socket;
    };
    const [first, second] = [await dial(), await dial()];
    const strangers = await silent(pair.port, 5, '127.0.0.1');
    await Promise.all(strangers.slice(0, 4).map(async (each) => each.closed || once(each, 'close')));
    expect([first, second].map(({ destroyed }) => destroyed)).toEqual([false, false]);
    // Of its own, the oldest makes room.
    const ended = once(first.resume(), 'close');
    const third = await dial();
    await ended;
    expect(second.destroyed).toBe(false);
    for (const socket of [second, third, ...strangers]) socket.destroy();
  });
});
