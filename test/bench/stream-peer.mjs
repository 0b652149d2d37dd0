/**
 * The other process of the stream bench: serves a secure stream and a plain TLS 1.3 certificate connection, with the
 * same handler. It greets each connection with one byte; asked for n MiB, it sends them.
 */
import { createServer } from 'node:tls';
import { SecretBytes } from '@eko/protocol';
import { LiveStreams } from '@eko/sdk/node';
import { SecureStreamServer } from '../../client-sdk/sdk/dist/streams/secure-stream-server.js';

const MIB = 1 << 20;
const CHUNK = Buffer.alloc(64 * 1024, 7);

/** Credentials from the keys that both processes of the bench were given. */
export function credentialsFrom({ streamId, identity, psk, confirmKey }) {
  return {
    streamId,
    identity,
    epoch: 1,
    psk: new SecretBytes('tls psk', Uint8Array.from(Buffer.from(psk, 'base64url'))),
    confirmKey: new SecretBytes('stream confirm key', Uint8Array.from(Buffer.from(confirmKey, 'base64url'))),
    notAfterUnixMs: Date.now() + 3_600_000,
    directions: { toInitiator: true, toProvider: true },
    maxConnections: 64,
  };
}

function serve(stream) {
  stream.on('error', () => undefined);
  stream.once('end', () => stream.end());
  stream.write('k');
  stream.once('data', (request) => {
    let left = request.readUInt32BE() * MIB;
    const send = () => {
      while (left > 0) {
        left -= CHUNK.length;
        if (!stream.write(CHUNK)) {
          stream.once('drain', send);
          return;
        }
      }
    };
    send();
  });
}

if (process.send !== undefined) {
  process.once('message', async ({ keys, certificate }) => {
    const streams = new LiveStreams();
    streams.grant(credentialsFrom(keys), 'provider');
    const perAddress = { perSecond: 1e6, burst: 1e6, addresses: 1 };
    const limits = { perAddress };
    const secure = new SecureStreamServer({ streams, handler: serve, limits });
    const aes128 = new SecureStreamServer({
      streams,
      handler: serve,
      limits,
      ciphers: { aes128Gcm: 'if-faster' },
    });
    const plain = createServer(
      { ...certificate, minVersion: 'TLSv1.3', ciphers: 'TLS_AES_256_GCM_SHA384' },
      serve,
    );
    plain.on('tlsClientError', () => undefined);
    const ports = await Promise.all(
      [secure, aes128].map((server) => server.listen({ host: '127.0.0.1', port: 0 })),
    );
    plain.listen(0, '127.0.0.1', () =>
      process.send({ secure: ports[0].port, aes128: ports[1].port, plain: plain.address().port }),
    );
  });
  process.on('disconnect', () => process.exit(0));
}
