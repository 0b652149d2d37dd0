import { randomBytes } from 'node:crypto';
import { createServer as createTcpServer } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { STREAM_ALPN } from '@eko/protocol/crypto';
import { connectSecureStream } from '../../../../client-sdk/sdk/src/streams/connect-secure-stream';
import { LiveStreams } from '../../../../client-sdk/sdk/src/streams/live-streams';
import { listenLocally, relayTo } from '../../../support/in-process/raw-tls';
import { newRogueCertificate } from '../../../support/data/certificates';
import { credentialsOf, newStreamKeys } from '../../../support/in-process/stream-credentials';
import { startStreamPair } from '../../../support/in-process/stream-pair';

jest.setTimeout(60_000);

const refused = { code: 'HANDSHAKE_REFUSED' };
const CONFIRMATION_BYTES = 36;

describe('an initiator refuses', () => {
  const keys = newStreamKeys();
  const streams = new LiveStreams();
  afterAll(() => {
    streams.close();
  });
  const connectTo = (port: number, change: Partial<Parameters<typeof connectSecureStream>[0]> = {}) =>
    connectSecureStream({ host: '127.0.0.1', port, credentials: credentialsOf(keys), streams, ...change });
  const pskServer = {
    minVersion: 'TLSv1.3',
    ALPNProtocols: [STREAM_ALPN],
    pskCallback: () => keys.psk,
  } as const;

  /** A TLS server of ours in the place of the provider; answers what it was told by the application. */
  async function rogue(options: TlsOptions, onSocket: (socket: TLSSocket) => void) {
    const received: Buffer[] = [];
    const server = createTlsServer(options, (socket) => {
      socket.on('error', () => undefined).on('data', (chunk: Buffer) => received.push(chunk));
      onSocket(socket);
    });
    server.on('tlsClientError', (_error, socket) => socket.destroy());
    const port = await listenLocally(server);
    return { port, received, close: () => new Promise((resolve) => server.close(resolve)) };
  }

  it('a server with a certificate, and tells it nothing', async () => {
    const server = await rogue(
      { ...(await newRogueCertificate()), minVersion: 'TLSv1.3', ALPNProtocols: [STREAM_ALPN] },
      () => undefined,
    );
    await expect(connectTo(server.port)).rejects.toMatchObject(refused);
    expect(server.received).toEqual([]);
    await server.close();
  });

  it('a server that knows the PSK and reflects the confirmation', async () => {
    const server = await rogue(pskServer, (socket) =>
      socket.once('data', (bytes: Buffer) => socket.write(bytes)),
    );
    await expect(connectTo(server.port)).rejects.toMatchObject(refused);
    expect(Buffer.concat(server.received)).toHaveLength(CONFIRMATION_BYTES);
    await server.close();
  });

  it('a server that closes in place of its confirmation', async () => {
    const server = await rogue(pskServer, (socket) => socket.end(Buffer.alloc(CONFIRMATION_BYTES - 1)));
    await expect(connectTo(server.port)).rejects.toMatchObject(refused);
    await server.close();
  });

  it('a server with another key, and one that speaks no TLS', async () => {
    const server = await rogue({ ...pskServer, pskCallback: () => randomBytes(32) }, () => undefined);
    await expect(connectTo(server.port)).rejects.toMatchObject(refused);
    await server.close();
    const http = createTcpServer((socket) =>
      socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    );
    await expect(connectTo(await listenLocally(http))).rejects.toMatchObject(refused);
    http.close();
  });

  it('to be connected to its own server', async () => {
    const pair = await startStreamPair();
    const relay = await relayTo(pair.port);
    const both = pair.provider;
    await expect(
      connectSecureStream({
        host: '127.0.0.1',
        port: relay.port,
        credentials: credentialsOf(keys),
        streams: both,
      }),
    ).rejects.toMatchObject(refused);
    expect(pair.refusals).toEqual(['handshake']);
    await relay.close();
    await pair.close();
  });

  it('to wait for a server beyond the deadline, or after it was cancelled', async () => {
    const silent = createTcpServer((socket) => socket.on('error', () => undefined).resume());
    const port = await listenLocally(silent);
    await expect(connectTo(port, { deadlineMs: 20 })).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    const cancel = new AbortController();
    silent.once('connection', () => {
      cancel.abort();
    });
    await expect(connectTo(port, { signal: cancel.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(connectTo(port, { signal: cancel.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
    await new Promise((resolve) => silent.close(resolve));
    expect(streams.connectionCount(keys.streamId)).toBe(0);
  });

  it('a stream that ends while it connects, with the reason', async () => {
    const silent = createTcpServer((socket) => {
      socket.on('error', () => undefined).resume();
      streams.end(ending.streamId, 'revoked');
    });
    const ending = newStreamKeys();
    const port = await listenLocally(silent);
    const connecting = connectTo(port, { credentials: credentialsOf(ending) });
    await expect(connecting).rejects.toMatchObject({ code: 'STREAM_ENDED', details: { reason: 'revoked' } });
    await expect(connectTo(port, { credentials: credentialsOf(ending) })).rejects.toMatchObject({
      code: 'STREAM_ENDED',
    });
    await new Promise((resolve) => silent.close(resolve));
  });

  it('an address where nobody listens, as unavailable', async () => {
    const server = createTcpServer();
    const port = await listenLocally(server);
    await new Promise((resolve) => server.close(resolve));
    await expect(connectTo(port)).rejects.toMatchObject({
      code: 'PEER_UNAVAILABLE',
      details: { port, reason: 'ECONNREFUSED' },
    });
  });

  it('a server that hangs up on the first flight, as unavailable', async () => {
    const server = createTcpServer((socket) => socket.on('error', () => undefined).destroy());
    await expect(connectTo(await listenLocally(server))).rejects.toMatchObject({ code: 'PEER_UNAVAILABLE' });
    server.close();
  });

  it('credentials of the wrong size before it connects at all', async () => {
    const psk = Buffer.from('never-print-this'.repeat(64));
    const error: unknown = await connectTo(1, { credentials: credentialsOf(newStreamKeys(), { psk }) }).catch(
      (caught: unknown) => caught,
    );
    expect(error).toMatchObject({ code: 'INVALID_KEY' });
    expect(String(error) + (error instanceof Error ? (error.stack ?? '') : '')).not.toContain(
      'never-print-this',
    );
  });
});
