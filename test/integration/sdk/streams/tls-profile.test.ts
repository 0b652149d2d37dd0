import { constants } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type TLSSocket } from 'node:tls';
import { STREAM_ALPN } from '@eko/protocol/crypto';
import { streamContextOptions, verifyPskUsed } from '../../../../client-sdk/sdk/src/streams/tls-profile';
import { dialTls, listenLocally } from '../../../support/in-process/raw-tls';
import { newRogueCertificate } from '../../../support/data/certificates';

describe('the TLS profile', () => {
  it('is TLS 1.3 without tickets, without trusted certificates and with suites that a PSK can use', () => {
    expect(streamContextOptions({ aes128Gcm: 'never' })).toEqual({
      minVersion: 'TLSv1.3',
      maxVersion: 'TLSv1.3',
      ciphers: 'TLS_CHACHA20_POLY1305_SHA256',
      ca: [],
      secureOptions: constants.SSL_OP_NO_TICKET,
    });
  });

  it('does not take a connection by certificate for one by PSK', async () => {
    const options = { ...(await newRogueCertificate()), ALPNProtocols: [STREAM_ALPN] };
    const server = createServer(options);
    const port = await listenLocally(server);
    const accepting = once(server, 'secureConnection') as Promise<[TLSSocket]>;
    const client = dialTls(port, { ALPNProtocols: [STREAM_ALPN], rejectUnauthorized: false });
    const [[served]] = await Promise.all([accepting, once(client, 'secureConnect')]);
    for (const socket of [client, served.on('error', () => undefined).resume()])
      expect(() => {
        verifyPskUsed(socket);
      }).toThrow(expect.objectContaining({ code: 'HANDSHAKE_REFUSED' }) as Error);
    client.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
});
