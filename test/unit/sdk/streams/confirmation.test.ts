import { createHmac } from 'node:crypto';
import { encodeConfirmation } from '../../../../client-sdk/sdk/src/streams/confirmation';
import { credentialsOf } from '../../../support/streams/stream-credentials';

describe('the confirmation message', () => {
  const keys = {
    streamId: '7d444840-9dc0-41d1-b245-5ffdce74fad2/0',
    identity: 'ek1.AAAAAAAAAAAAAAAAAAAAAA.1.i2p',
    psk: Buffer.alloc(32, 1),
    confirmKey: Buffer.alloc(32, 2),
  };
  const exporter = Buffer.alloc(32, 3);
  const encoded = encodeConfirmation('provider', exporter, credentialsOf(keys));

  it('is a length and an HMAC-SHA256 over length-prefixed role, identity and exporter', () => {
    const field = (bytes: Buffer) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return Buffer.concat([length, bytes]);
    };
    const message = Buffer.concat([Buffer.from('provider'), Buffer.from(keys.identity), exporter].map(field));
    const tag = createHmac('sha256', keys.confirmKey).update(message).digest();
    expect(encoded.toString('hex')).toBe(field(tag).toString('hex'));
  });

  it('depends on role, identity, exporter and key', () => {
    const others = [
      encodeConfirmation('initiator', exporter, credentialsOf(keys)),
      encodeConfirmation('provider', Buffer.alloc(32, 4), credentialsOf(keys)),
      encodeConfirmation(
        'provider',
        exporter,
        credentialsOf(keys, { identity: 'ek1.AAAAAAAAAAAAAAAAAAAAAA.2.i2p' }),
      ),
      encodeConfirmation('provider', exporter, credentialsOf(keys, { confirmKey: Buffer.alloc(32, 5) })),
    ].map((bytes) => bytes.toString('hex'));
    expect(new Set([encoded.toString('hex'), ...others]).size).toBe(5);
    for (const other of others) expect(other).toHaveLength(72);
  });
});
