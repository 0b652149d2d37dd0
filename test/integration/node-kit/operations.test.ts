import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Metrics, newGauge, newRequestMetrics, peerRoute, startOperationsServer } from '@eko/node-kit';
import { Type } from '@sinclair/typebox';
import { startNodePair } from '../../support/in-process/node-pair';
import { exchangeRaw, postText } from '../../support/in-process/raw-connection';
import { rejectionOf } from '../../support/coded-error';

const start = (reasons: readonly string[] = [], metrics = new Metrics(), port = 0) =>
  startOperationsServer({ host: '127.0.0.1', port, metrics, role: 'party', readiness: () => reasons });

describe('the operations server', () => {
  it('tells that the node lives, whether it is ready and why not', async () => {
    const reasons: string[] = [];
    const server = await start(reasons);
    const get = async (path: string, method = 'GET') => {
      const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { method });
      return [response.status, await response.text()];
    };
    expect(await get('/healthz')).toEqual([200, '{"alive":true}\n']);
    expect(await get('/readyz')).toEqual([200, '{"ready":true,"reasons":[]}\n']);
    reasons.push('the ledger is not seen to advance');
    expect(await get('/readyz')).toEqual([
      503,
      '{"ready":false,"reasons":["the ledger is not seen to advance"]}\n',
    ]);
    expect((await get('/healthz'))[0]).toBe(200);
    expect((await get('/other'))[0]).toBe(404);
    expect((await get('/healthz', 'POST'))[0]).toBe(405);
    const taken = await rejectionOf(start([], new Metrics(), server.port));
    expect(taken.code).toBe('INVALID_CONFIG');
    await server.close();
  });

  it('works metrics out so often, and gives the last answer to who asks more often', async () => {
    const metrics = new Metrics();
    let rendered = 0;
    let nowMs = 0;
    newGauge(metrics, 'eko_sample', 'A sample', () => (rendered += 1));
    const server = await startOperationsServer({
      ...{ host: '127.0.0.1', port: 0, metrics, role: 'party', readiness: () => [], nowMs: () => nowMs },
    });
    const get = async (): Promise<string> => (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text();
    for (let asked = 0; asked < 80; asked += 1) expect(await get()).toContain('eko_sample ');
    expect(rendered).toBe(51);
    nowMs += 100;
    expect(await get()).toContain('eko_sample 52');
    await server.close();
  });

  it('lets no connection keep others out', async () => {
    const crowded: string[] = [];
    const server = await startOperationsServer({
      ...{ host: '127.0.0.1', port: 0, metrics: new Metrics(), role: 'party', readiness: () => [] },
      onRefused: (refusal, address) => crowded.push(`${refusal} ${address}`),
    });
    const held: Socket[] = [];
    for (let made = 0; made < 800; made += 1) {
      const socket = connect({ host: '127.0.0.1', port: server.port, localAddress: '127.0.0.2' });
      held.push(socket.on('error', () => undefined).resume());
      await once(socket, 'connect');
    }
    expect((await fetch(`http://127.0.0.1:${server.port}/healthz`)).status).toBe(200);
    expect(crowded).toEqual(Array(32).fill('crowded 127.0.0.2'));
    for (const socket of held) socket.destroy();
    await server.close();
  });

  it('counts requests by route pattern, and makes no label of what a caller sends', async () => {
    const metrics = new Metrics();
    const pair = await startNodePair({
      routes: [peerRoute({ path: '/v1/take', body: Type.Object({}), handle: async () => ({}) })],
      onAnswered: newRequestMetrics(metrics),
    });
    for (const path of ['/v1/take', '/v1/take', '/secret-1', '/secret-2', '/v1/%zz']) {
      await exchangeRaw(pair.port, pair.clientTls, postText(path, '{}'));
    }
    await pair.close();
    const server = await start([], metrics);
    const text = await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text();
    await server.close();
    expect(text).toContain('eko_http_request_seconds_count{route="/v1/take",method="POST",status="200"} 2');
    expect(text).toContain('eko_http_request_seconds_count{route="unrouted",method="any",status="404"} 2');
    expect(text).not.toContain('secret');
  });
});
