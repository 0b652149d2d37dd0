import { EventEmitter, once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { BearerTokens, createLocalServer, localRoute, type FeedSubscriber } from '@eko/node-kit';
import { type ListenAddress, type NodeServer } from '../../../network/node-kit/src/http/bounded-server';
import { type Refusal } from '../../../network/node-kit/src/http/connection-gate';
import { type ServerLimits } from '../../../network/node-kit/src/http/server-limits';
import { EkoError } from '@eko/protocol';
import { Type } from '@sinclair/typebox';
import { outcomeOf } from '../../support/in-process/raw-connection';
import { RecordingLogger } from '../../support/simulated/recording-logger';
import { rejectionOf } from '../../support/coded-error';
import { temporaryFolders } from '../../support/temporary-folder';

const newFolder = temporaryFolders();
const TOKEN = 'T'.repeat(43);
const Nothing = Type.Object({}, { additionalProperties: false });

function tokenFile(content = `${TOKEN}\n${'U'.repeat(43)}\n`): string {
  const file = join(newFolder(), 'api.token');
  writeFileSync(file, content, { mode: 0o600 });
  return file;
}

const routes = [
  localRoute({
    method: 'GET',
    path: '/open',
    isPublic: true,
    params: Nothing,
    query: Nothing,
    body: Nothing,
    handle: async () => ({ status: 200, value: { open: true } }),
  }),
  localRoute({
    method: 'POST',
    path: '/things/:id/:index',
    params: Type.Object({
      id: Type.String({ pattern: '^[a-z]{1,8}$' }),
      index: Type.Integer({ maximum: 99 }),
    }),
    query: Type.Object({ limit: Type.Optional(Type.Integer()) }, { additionalProperties: false }),
    body: Type.Object({ text: Type.String() }, { additionalProperties: false }),
    handle: async ({ params, query, body }) => ({ status: 201, value: { params, query, body } }),
  }),
];

describe('a local server', () => {
  let server: NodeServer;
  let address: ListenAddress;
  const readers: FeedSubscriber[] = [];
  const changes = new EventEmitter();
  beforeAll(async () => {
    server = await createLocalServer({
      routes,
      tokens: BearerTokens.read(tokenFile()),
      logger: new RecordingLogger(),
      feed: {
        path: '/events',
        mostSubscribers: 1,
        subscribe: (reader) => {
          readers.push(reader);
          return () => {
            readers.splice(readers.indexOf(reader), 1);
            changes.emit('left');
          };
        },
      },
      upgrade: async (request, socket) => {
        if (request.url !== '/bytes') throw new EkoError('STREAM_ENDED', 'It has ended');
        socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: raw\r\n\r\n');
        socket.pipe(socket);
      },
    });
    address = await server.listen({ host: '127.0.0.1', port: 0 });
  });
  afterAll(async () => server.close({ drainMs: 1_000 }));

  const call = async (method: string, path: string, body?: unknown, authorization = `Bearer ${TOKEN}`) => {
    const response = await fetch(`http://127.0.0.1:${address.port}${path}`, {
      method,
      headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const value = (await response.json()) as Record<string, unknown>;
    return { status: response.status, value };
  };

  it('gives handlers their parts checked, numbers as numbers', async () => {
    expect(await call('POST', '/things/abc/7?limit=3', { text: 'x' })).toEqual({
      status: 201,
      value: { params: { id: 'abc', index: 7 }, query: { limit: 3 }, body: { text: 'x' } },
    });
    expect((await call('POST', '/things/abc/7', { text: 'x' }, `Bearer ${'U'.repeat(43)}`)).status).toBe(201);
  });

  it.each([
    ['/things/abc/07', { text: '' }],
    ['/things/abc/0x7', { text: '' }],
    ['/things/abc/100', { text: '' }],
    ['/things/ABC/1', { text: '' }],
    ['/things/..%2f..%2fetc/1', { text: '' }],
    ['/things/a%00/1', { text: '' }],
    ['/things/abc/1?limit=1e3', { text: '' }],
    ['/things/abc/1?limit=1&limit=2', { text: '' }],
    ['/things/abc/1?__proto__=1', { text: '' }],
    ['/things/abc/1?more=1', { text: '' }],
    ['/things/abc/1', { text: 5 }],
    ['/things/abc/1', { text: '', more: 1 }],
  ])('refuses %s with %j', async (path, body) => {
    const { status, value } = await call('POST', path, body);
    expect([status, value['code']]).toEqual([400, 'INVALID_ARGUMENT']);
  });

  it.each([
    '',
    'Bearer',
    `Basic ${TOKEN}`,
    `Bearer ${TOKEN}x`,
    `Bearer ${'t'.repeat(43)}`,
    `bearer ${TOKEN}`,
  ])('refuses the authorization %j, on every path the same', async (authorization) => {
    for (const path of ['/things/abc/1', '/nothing', '/events', '/open?x']) {
      const { status, value } = await call('POST', path, { text: '' }, authorization);
      expect([status, value['code']]).toEqual([401, 'UNAUTHENTICATED']);
    }
  });

  it('serves public routes to everybody', async () => {
    expect(await call('GET', '/open', undefined, '')).toEqual({ status: 200, value: { open: true } });
  });

  const openFeed = async (headers: Record<string, string> = {}): Promise<IncomingMessage> => {
    const outgoing = httpRequest({
      host: '127.0.0.1',
      port: address.port,
      path: '/events',
      headers: { authorization: `Bearer ${TOKEN}`, ...headers },
    });
    outgoing.on('error', () => undefined);
    outgoing.end();
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    return response;
  };

  it('feeds events to so many readers, from where they left off', async () => {
    const feed = await openFeed({ 'last-event-id': '12/abc' });
    expect([feed.statusCode, feed.headers['content-type']]).toEqual([200, 'text/event-stream']);
    const [reader] = readers;
    expect(reader?.lastEventId).toBe('12/abc');
    let text = '';
    feed.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    reader?.send({ id: '13/x', name: 'Ended', data: '{"a":1}' });
    const left = once(changes, 'left');
    reader?.end();
    await Promise.all([once(feed, 'end'), left]);
    expect(text).toContain('id: 13/x\nevent: Ended\ndata: {"a":1}\n\n');
  });

  it('refuses one reader too many, and an id that is none', async () => {
    const first = await openFeed();
    const second = await openFeed();
    expect([first.statusCode, second.statusCode]).toEqual([200, 429]);
    const left = once(changes, 'left');
    first.destroy();
    await left;
    const wrong = await openFeed({ 'last-event-id': 'a b' });
    expect(wrong.statusCode).toBe(400);
    expect(readers).toEqual([]);
  });

  it('upgrades to raw bytes, refusing as any route does', async () => {
    const upgrade = (path: string, token: string) =>
      `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: raw\r\nauthorization: Bearer ${token}\r\n\r\n`;
    const refusal = async (path: string, token: string) => {
      const socket = connect(address.port, '127.0.0.1');
      socket.write(upgrade(path, token));
      const [answer] = (await once(socket, 'data')) as [Buffer];
      await once(socket, 'close');
      return outcomeOf(answer.toString());
    };
    expect(await refusal('/bytes', 'x'.repeat(43))).toEqual({ status: 401, code: 'UNAUTHENTICATED' });
    expect(await refusal('/other', TOKEN)).toEqual({ status: 410, code: 'STREAM_ENDED' });

    const socket = connect(address.port, '127.0.0.1');
    socket.write(upgrade('/bytes', TOKEN));
    const [accepted] = (await once(socket, 'data')) as [Buffer];
    expect(accepted.toString()).toMatch(/^HTTP\/1\.1 101 /);
    socket.write('echo');
    expect(String((await once(socket, 'data'))[0])).toBe('echo');
    socket.end();
    await once(socket, 'close');
  });

  it('refuses a port that is taken', async () => {
    const other = await createLocalServer({
      routes: [],
      tokens: BearerTokens.read(tokenFile()),
      logger: new RecordingLogger(),
    });
    const error = await rejectionOf(other.listen(address));
    expect([error.code, error.details]).toEqual([
      'INVALID_CONFIG',
      { host: '127.0.0.1', port: address.port },
    ]);
    await other.close();
  });
});

describe('a local server and callers without a token', () => {
  const refusals: Refusal[] = [];
  let server: NodeServer | undefined;
  afterEach(() => server?.close({ drainMs: 100 }));
  const counted = (method: 'GET' | 'POST', path: string, isUrgent: boolean) =>
    localRoute({
      method,
      path,
      params: Nothing,
      query: Nothing,
      body: Nothing,
      isUrgent,
      handle: async () => ({ status: 200, value: {} }),
    });
  const startWith = async (limits: Partial<ServerLimits>, nowMs: () => number) => {
    refusals.length = 0;
    server = await createLocalServer({
      routes: [counted('GET', '/usual', false), counted('POST', '/urgent', true)],
      tokens: BearerTokens.read(tokenFile()),
      logger: new RecordingLogger(),
      limits,
      nowMs,
      onRefused: (refusal) => refusals.push(refusal),
    });
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
    const statusOf = async (path: string, token: string): Promise<number> => {
      const authorization = token === '' ? undefined : { authorization: `Bearer ${token}` };
      const headers = { 'content-type': 'application/json', connection: 'close', ...authorization };
      const isUrgent = path === '/urgent';
      const response = await fetch(`http://127.0.0.1:${port}${path}`, {
        method: isUrgent ? 'POST' : 'GET',
        headers,
        ...(isUrgent ? { body: '{}' } : {}),
      });
      await response.arrayBuffer();
      return response.status;
    };
    const statuses = async (count: number, path: string, token: string): Promise<number[]> => {
      const seen: number[] = [];
      for (let made = 0; made < count; made += 1) seen.push(await statusOf(path, token));
      return seen;
    };
    return { port, statuses };
  };

  it('take nothing from those with one', async () => {
    const { statuses } = await startWith({ ratePerSecond: 1, rateBurst: 5 }, () => 0);
    const strangers = await statuses(130, '/usual', '');
    expect(strangers.filter((status) => status === 401)).toHaveLength(100);
    expect(strangers.filter((status) => status === 429)).toHaveLength(30);
    expect(await statuses(30, '/urgent', 'W'.repeat(43))).toEqual(Array(30).fill(429));
    expect(await statuses(5, '/usual', TOKEN)).toEqual(Array(5).fill(200));
    expect(refusals.filter((refusal) => refusal === 'token')).toHaveLength(100);
    expect(refusals.filter((refusal) => refusal === 'rate')).toHaveLength(60);
  });

  it('wait, as do those with a token, and only those of one token; what is urgent is never refused', async () => {
    let nowMs = 0;
    const { statuses } = await startWith({ ratePerSecond: 1, rateBurst: 5 }, () => nowMs);
    expect(await statuses(7, '/usual', TOKEN)).toEqual([200, 200, 200, 200, 200, 429, 429]);
    expect(await statuses(1, '/usual', 'U'.repeat(43))).toEqual([200]);
    expect(await statuses(20, '/urgent', TOKEN)).toEqual(Array(20).fill(200));
    nowMs += 2_000;
    expect(await statuses(3, '/usual', TOKEN)).toEqual([200, 200, 429]);
  });

  it('make room with the connections that they hold', async () => {
    const { port, statuses } = await startWith({ strangers: 3 }, () => 0);
    const held = Array.from({ length: 5 }, () =>
      connect(port, '127.0.0.1')
        .on('error', () => undefined)
        .resume(),
    );
    await Promise.all(held.map((socket) => once(socket, 'connect')));
    expect(await statuses(4, '/usual', TOKEN)).toEqual([200, 200, 200, 200]);
    expect(refusals).toContain('crowded');
    for (const socket of held) socket.destroy();
  });

  it('are told from callers with one, of whom so many connections are open, and an urgent one more', async () => {
    const { port, statuses } = await startWith({ connections: 1 }, () => 0);
    const known = connect(port, '127.0.0.1');
    known.write(`GET /usual HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${TOKEN}\r\n\r\n`);
    await once(known, 'data');
    expect(await statuses(1, '/usual', TOKEN)).toEqual([429]);
    expect(await statuses(1, '/urgent', TOKEN)).toEqual([200]);
    known.destroy();
  });
});

describe('bearer tokens', () => {
  it('come from a private file of well-formed lines', async () => {
    const open = tokenFile();
    chmodSync(open, 0o644);
    for (const file of [open, tokenFile(''), tokenFile('short'), tokenFile(`${TOKEN} x`), `${open}-not`]) {
      const error = await rejectionOf(() => BearerTokens.read(file));
      expect([error.code, error.details]).toEqual(['INVALID_CONFIG', { file }]);
    }
  });
});
