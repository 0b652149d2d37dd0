import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { promisify } from 'node:util';
import { listenLocally } from '../../support/in-process/raw-tls';
import { newRogueCertificate } from '../../support/data/certificates';

jest.setTimeout(60_000);

/** Runs in a process of its own, since Node reads the certificates that it trusts only once. */
const CLIENT = `
  const tls = require('node:tls');
  const { SecretBytes } = require('@eko/protocol');
  const { LiveStreams, connectSecureStream } = require('@eko/sdk/node');
  const port = Number(process.argv[1]);
  const plain = tls.connect({ port, host: 'localhost', servername: 'localhost', ALPNProtocols: ['eko/1'] });
  plain.once('secureConnect', async () => {
    const isTrusted = plain.authorized;
    plain.destroy();
    const credentials = {
      streamId: '00000000-0000-4000-8000-000000000000/0', epoch: 1, identity: 'ek1.' + 'A'.repeat(22) + '.1.i2p',
      psk: new SecretBytes('tls psk', new Uint8Array(32)),
      confirmKey: new SecretBytes('stream confirm key', new Uint8Array(32)),
      notAfterUnixMs: Date.now() + 60000, maxConnections: 1,
      directions: { toInitiator: true, toProvider: true },
    };
    const streams = new LiveStreams();
    const code = await connectSecureStream({ host: '127.0.0.1', port, credentials, streams }).then(
      () => 'connected', (error) => error.code);
    streams.close();
    process.stdout.write(JSON.stringify({ isTrusted, code }));
  });
  plain.once('error', (error) => process.stdout.write(JSON.stringify({ isTrusted: false, code: error.code })));
`;

describe('a rogue server with a certificate that the system trusts', () => {
  it('is refused by a stream client, and receives nothing', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'eko-rogue-'));
    const identity = await newRogueCertificate();
    const trusted = join(directory, 'trusted.pem');
    await writeFile(trusted, identity.cert);
    let received = 0;
    const server = createServer(
      { ...identity, minVersion: 'TLSv1.3', ALPNProtocols: ['eko/1'] },
      (socket) => {
        socket.on('error', () => undefined).on('data', (chunk: Buffer) => (received += chunk.length));
      },
    );
    server.on('tlsClientError', (_error, socket) => socket.destroy());
    const port = await listenLocally(server);
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', CLIENT, String(port)], {
      env: { PATH: process.env['PATH'], NODE_EXTRA_CA_CERTS: trusted },
      timeout: 20_000,
    });
    expect(JSON.parse(stdout)).toEqual({ isTrusted: true, code: 'HANDSHAKE_REFUSED' });
    expect(received).toBe(0);
    await new Promise((resolve) => server.close(resolve));
    await rm(directory, { recursive: true });
  });
});
