import { once } from 'node:events';
import { Agent, createServer, get } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import type { SecureStream } from '@eko/sdk';
import { closeOf } from '../../../support/in-process/read-to-end';
import { newRogueCertificate } from '../../../support/data/certificates';
import { startStreamPair } from '../../../support/in-process/stream-pair';

/** How the provider's end of a stream was when it closed. */
const closed = async (stream: SecureStream | undefined) => {
  if (stream === undefined) throw new Error('the handler was not called');
  if (!stream.closed) await closeOf(stream);
  return stream.errored;
};

describe('what reads the handle of a connection natively', () => {
  it('is an HTTP/1.1 server, which sees the orderly end of a stream', async () => {
    const trouble: Error[] = [];
    const web = createServer((request, response) => response.end(`at ${request.url ?? ''}`));
    web.on('clientError', (error, socket) => {
      trouble.push(error);
      socket.destroy();
    });
    const pair = await startStreamPair({ handler: (stream) => void web.emit('connection', stream) });
    const stream = await pair.connect();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    agent.createConnection = () => stream;
    for (const path of ['/first', '/second']) {
      const [response] = (await once(get({ agent, path }), 'response')) as [NodeJS.ReadableStream];
      expect(await text(response)).toBe(`at ${path}`);
    }
    stream.end();
    expect(await closed(pair.accepted[0]?.stream)).toBeNull();
    expect(trouble).toEqual([]);
    agent.destroy();
    web.close();
    await pair.close();
  });

  it('is an HTTP/2 session, which sees the orderly end of a stream', async () => {
    const trouble: Error[] = [];
    const web = createHttp2Server((request, response) => response.end(`at ${request.url}`));
    web.on('sessionError', (error: Error) => trouble.push(error));
    const pair = await startStreamPair({ handler: (stream) => void web.emit('connection', stream) });
    const stream = await pair.connect();
    const session = connectHttp2('http://provider', { createConnection: () => stream });
    const request = session.request({ ':path': '/first' });
    expect(await text(request)).toBe('at /first');
    session.close();
    expect(await closed(pair.accepted[0]?.stream)).toBeNull();
    expect(trouble).toEqual([]);
    web.close();
    await pair.close();
  });

  it('is TLS inside a stream, behind a Duplex', async () => {
    const { key, cert } = await newRogueCertificate();
    // What closes the pair in the end destroys everything around its streams, too.
    const settled = <Each extends Duplex>(each: Each): Each => each.on('error', () => undefined);
    const around = (stream: SecureStream) => settled(Duplex.from({ readable: stream, writable: stream }));
    const inner = createTlsServer({ key, cert }, (socket) => settled(socket).end('from within'));
    const pair = await startStreamPair({
      handler: (stream) => void inner.emit('connection', around(stream)),
    });
    const stream = await pair.connect();
    const socket = settled(connectTls({ socket: around(stream), rejectUnauthorized: false }));
    expect(await text(socket)).toBe('from within');
    await pair.close();
  });
});
