import { createHmac } from 'node:crypto';
import { Duplex } from 'node:stream';
import {
  encodeConfirmation,
  encodeEndMark,
  exchangeConfirmations,
} from '../../../../client-sdk/sdk/src/streams/confirmation';
import { credentialsOf } from '../../../support/in-process/stream-credentials';

describe('the first and the last message', () => {
  const keys = {
    streamId: '7d444840-9dc0-41d1-b245-5ffdce74fad2/0',
    identity: 'ek1.AAAAAAAAAAAAAAAAAAAAAA.1.i2p',
    psk: Buffer.alloc(32, 1),
    confirmKey: Buffer.alloc(32, 2),
  };
  const exporter = Buffer.alloc(32, 3);
  const encoded = encodeConfirmation('provider', exporter, credentialsOf(keys));

  const hex = (bytes: Buffer) => bytes.toString('hex');

  it('are an HMAC-SHA256 over length-prefixed purpose, role, identity and exporter; the first has its length', () => {
    const field = (bytes: Buffer) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return Buffer.concat([length, bytes]);
    };
    const tag = (purpose: string) => {
      const fields = [purpose, 'provider', keys.identity].map((text) => Buffer.from(text));
      const message = Buffer.concat([...fields, exporter].map(field));
      return createHmac('sha256', keys.confirmKey).update(message).digest();
    };
    expect(hex(encoded)).toBe(hex(field(tag('confirm'))));
    expect(hex(encodeEndMark('provider', exporter, credentialsOf(keys)))).toBe(hex(tag('end')));
    expect(hex(encodeEndMark('provider', exporter, credentialsOf(keys), true))).toBe(hex(tag('end-read')));
  });

  it('depend on role, identity, exporter and key', () => {
    const others = [
      encodeConfirmation('initiator', exporter, credentialsOf(keys)),
      encodeConfirmation('provider', Buffer.alloc(32, 4), credentialsOf(keys)),
      encodeConfirmation(
        'provider',
        exporter,
        credentialsOf(keys, { identity: 'ek1.AAAAAAAAAAAAAAAAAAAAAA.2.i2p' }),
      ),
      encodeConfirmation('provider', exporter, credentialsOf(keys, { confirmKey: Buffer.alloc(32, 5) })),
    ].map(hex);
    expect(new Set([hex(encoded), ...others]).size).toBe(5);
    for (const other of others) expect(other).toHaveLength(72);
  });

  /** The provider's side of a connection, whose peer sends `received`. */
  const answerTo = (received: Buffer): Promise<void> => {
    const socket = Object.assign(
      new Duplex({
        read: () => undefined,
        write: (_chunk, _encoding, done) => done(),
        final: (done) => done(),
      }),
      { exportKeyingMaterial: () => exporter },
    );
    const exchanged = exchangeConfirmations(socket, 'provider', credentialsOf(keys), () => undefined);
    socket.push(received);
    return exchanged;
  };

  it('are compared to the last byte', async () => {
    const right = encodeConfirmation('initiator', exporter, credentialsOf(keys));
    await expect(answerTo(right)).resolves.toBeUndefined();
    for (let place = 0; place < right.length; place += 1) {
      const wrong = Buffer.from(right);
      wrong[place] = (wrong[place] ?? 0) ^ 1;
      await expect(answerTo(wrong)).rejects.toMatchObject({ code: 'HANDSHAKE_REFUSED' });
    }
    // The own one, sent back.
    await expect(answerTo(encoded)).rejects.toMatchObject({ code: 'HANDSHAKE_REFUSED' });
  });
});
