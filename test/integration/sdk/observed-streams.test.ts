import { once } from 'node:events';
import type { StreamRequest } from '@eko/protocol';
import type { ClosedConnection, EndedStream, StreamRefusal } from '@eko/sdk/node';
import { INITIATOR, PROVIDER } from '../../support/simulated/simulated-dealing';
import { ClientHarness } from '../../support/simulated/client-harness';
import { attemptTls, pskOptions } from '../../support/in-process/raw-tls';
import { newIdentity } from '../../support/in-process/stream-credentials';
import { readToEnd } from '../../support/in-process/read-to-end';
import { until } from '../../support/until';

const REQUEST: StreamRequest = { dataType: 'file', permissions: ['read', 'write'] };
const SENT = 10_000;

describe('what a party sees of its streams', () => {
  it('is each connection with its bytes, each end with the connections that it closed, each refusal', async () => {
    const harness = new ClientHarness();
    const opened: string[] = [];
    const closed: ClosedConnection[] = [];
    const ended: EndedStream[] = [];
    const refusals: StreamRefusal[] = [];
    const initiator = await harness.connect(INITIATOR);
    const provider = await harness.connect(PROVIDER, {
      observer: {
        onOpened: (streamId) => opened.push(streamId),
        onClosed: (connection) => closed.push(connection),
        onEnded: (end) => ended.push(end),
        onRefused: (refusal) => refusals.push(refusal),
      },
    });
    const listener = await provider.listen((connection) => void connection.resume().end(Buffer.alloc(SENT)), {
      host: '127.0.0.1',
      port: 0,
    });
    harness.register(`127.0.0.1:${listener.address.port}`);

    const stream = await initiator.requestStream(harness.policy, REQUEST);
    const first = await stream.open();
    first.end('a few bytes');
    expect(await readToEnd(first)).toHaveLength(SENT);
    if (!first.closed) await once(first, 'close');
    const live = [await stream.open(), await stream.open()];
    expect(provider.traffic.connections).toBeLessThanOrEqual(3);
    const gone = Promise.all(
      live.map((connection) => new Promise((resolve) => connection.once('close', resolve))),
    );
    for (const connection of live) connection.on('error', () => undefined).resume();
    await attemptTls(listener.address.port, pskOptions(Buffer.alloc(32, 1), newIdentity()));
    const attested = harness.nextAttestation().then(() => harness.nextAttestation());
    await provider.stream(stream.id).revoke();
    await gone;
    await attested;

    expect(opened).toEqual([stream.id, stream.id, stream.id]);
    expect(closed.map(({ streamId }) => streamId)).toEqual([stream.id, stream.id, stream.id]);
    expect(closed[0]?.sentBytes).toBeGreaterThanOrEqual(SENT);
    expect(closed[0]?.receivedBytes).toBeGreaterThanOrEqual('a few bytes'.length);
    expect(ended).toEqual([
      { streamId: stream.id, reason: 'revoked', connections: 2, closedAfterMs: expect.any(Number) as number },
    ]);
    expect(refusals).toEqual(['handshake']);
    expect(provider.traffic.connections).toBe(0);
    expect(provider.traffic.sentBytes).toBe(closed.reduce((sum, { sentBytes }) => sum + sentBytes, 0));
    await until('the provider owes nothing', () => provider.owedAttestations === 0);

    const second = await initiator.requestStream(harness.policy, REQUEST);
    await second.whenActive();
    await second.revoke();
    await provider.stream(second.id).whenEnded();
    expect(ended[1]).toMatchObject({ streamId: second.id, connections: 0 });
    await initiator.close();
    await provider.close();
  });
});
