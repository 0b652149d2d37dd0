import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { STREAM_ALPN } from '@eko/protocol/crypto';
import { LiveStreams } from '../../../../client-sdk/sdk/src/streams/live-streams';
import { ManualClock } from '../../../support/simulated/manual-clock';
import { attemptTls, dialTls, pskOptions, relayTo } from '../../../support/in-process/raw-tls';
import { readToEnd } from '../../../support/in-process/read-to-end';
import { credentialsOf, newIdentity, newStreamKeys } from '../../../support/in-process/stream-credentials';
import { startStreamPair, type StreamPair } from '../../../support/in-process/stream-pair';

jest.setTimeout(60_000);

const refused = { code: 'HANDSHAKE_REFUSED' };
const CONFIRMATION_BYTES = 36;

describe('a provider refuses', () => {
  let pair: StreamPair;
  beforeEach(async () => {
    pair = await startStreamPair();
  });
  afterEach(async () => {
    // The server is alive and serves the rightful initiator, and nothing of the refused peer is left.
    const { initiator, provider } = await pair.open();
    initiator.end('still here');
    expect((await readToEnd(provider)).toString()).toBe('still here');
    provider.end();
    await readToEnd(initiator);
    await pair.drained();
    expect(pair.server.connections).toEqual({ pending: 0, live: 0 });
    expect(pair.accepted).toHaveLength(1);
    await pair.close();
  });

  it.each<[string, (pair: StreamPair) => ConnectionOptions]>([
    [
      'TLS 1.2',
      ({ keys }) => ({
        ...pskOptions(keys.psk, keys.identity),
        minVersion: 'TLSv1.2',
        maxVersion: 'TLSv1.2',
      }),
    ],
    ['no PSK', () => ({ minVersion: 'TLSv1.3', ALPNProtocols: [STREAM_ALPN], rejectUnauthorized: false })],
    ['a wrong PSK', ({ keys }) => pskOptions(randomBytes(32), keys.identity)],
    ['a PSK of 31 bytes', ({ keys }) => pskOptions(keys.psk.subarray(0, 31), keys.identity)],
    [
      'a PSK of 33 bytes',
      ({ keys }) => pskOptions(Buffer.concat([keys.psk, Buffer.alloc(1)]), keys.identity),
    ],
    ['an unknown identity', ({ keys }) => pskOptions(keys.psk, newIdentity())],
    [
      'the identity of another epoch',
      ({ keys }) => pskOptions(keys.psk, keys.identity.replace('.1.', '.2.')),
    ],
    [
      'the identity of the other direction',
      ({ keys }) => pskOptions(keys.psk, keys.identity.replace('i2p', 'p2i')),
    ],
    ['an identity with a line feed', ({ keys }) => pskOptions(keys.psk, `${keys.identity}\n`)],
    ['an identity in other letters', ({ keys }) => pskOptions(keys.psk, keys.identity.toUpperCase())],
    [
      'another application protocol',
      ({ keys }) => ({ ...pskOptions(keys.psk, keys.identity), ALPNProtocols: ['h2'] }),
    ],
    [
      'AES-256-GCM alone',
      ({ keys }) => ({ ...pskOptions(keys.psk, keys.identity), ciphers: 'TLS_AES_256_GCM_SHA384' }),
    ],
  ])('%s', async (_title, options) => {
    expect(await attemptTls(pair.port, options(pair))).toMatchObject({ kind: 'closed' });
    await pair.refused(1);
    expect(pair.refusals).toEqual(['handshake']);
  });

  it('a client without application protocol, before it hears anything', async () => {
    const { ALPNProtocols, ...options } = pskOptions(pair.keys.psk, pair.keys.identity);
    expect(ALPNProtocols).toEqual([STREAM_ALPN]);
    expect(await attemptTls(pair.port, options)).toMatchObject({ kind: 'closed', code: 'none' });
    expect(pair.refusals).toEqual(['handshake']);
  });

  it('an unknown identity in the same way as a wrong key', async () => {
    const wrongKey = await attemptTls(pair.port, pskOptions(randomBytes(32), pair.keys.identity));
    const unknown = await attemptTls(pair.port, pskOptions(randomBytes(32), newIdentity()));
    expect(unknown).toEqual(wrongKey);
  });

  it('a peer that knows the PSK but not the confirm key', async () => {
    const socket = dialTls(pair.port, pskOptions(pair.keys.psk, pair.keys.identity));
    await once(socket, 'secureConnect');
    socket.write(Buffer.alloc(CONFIRMATION_BYTES, 1));
    socket.resume();
    await once(socket, 'close');
    expect(pair.refusals).toEqual(['confirmation']);
  });

  it('a peer that sends its own confirmation back to it', async () => {
    const socket = dialTls(pair.port, pskOptions(pair.keys.psk, pair.keys.identity));
    const [confirmation] = (await once(socket, 'data')) as [Buffer];
    expect(confirmation).toHaveLength(CONFIRMATION_BYTES);
    socket.write(confirmation);
    await once(socket, 'close');
    expect(pair.refusals).toEqual(['confirmation']);
  });

  it('a session ticket instead of the PSK', async () => {
    expect(await resumeAfter(pair, () => undefined)).toMatchObject({ kind: 'closed' });
    // TLS itself refuses: it is not that a resumed connection was closed afterwards.
    await pair.refused(2);
    expect([...pair.refusals].sort()).toEqual(['confirmation', 'handshake']);
  });

  /** Takes a session from a good connection, lets `happen` happen, and comes back with the session alone. */
  async function resumeAfter({ port, keys }: StreamPair, happen: () => void) {
    const first = dialTls(port, pskOptions(keys.psk, keys.identity));
    const [session] = (await once(first, 'session')) as [Buffer];
    first.destroy();
    happen();
    return attemptTls(port, {
      minVersion: 'TLSv1.3',
      ALPNProtocols: [STREAM_ALPN],
      session,
      rejectUnauthorized: false,
    });
  }
});

describe('after the end of a stream', () => {
  let pair: StreamPair;
  beforeEach(async () => {
    pair = await startStreamPair();
  });
  afterEach(() => pair.close());

  it('neither the old key, nor a session, nor fresh credentials lead back in', async () => {
    const first = dialTls(pair.port, pskOptions(pair.keys.psk, pair.keys.identity));
    const [session] = (await once(first, 'session')) as [Buffer];
    pair.provider.end(pair.keys.streamId, 'revoked');
    await once(first.resume(), 'close');
    const bare: ConnectionOptions = {
      minVersion: 'TLSv1.3',
      ALPNProtocols: [STREAM_ALPN],
      rejectUnauthorized: false,
    };
    const withPsk = pskOptions(pair.keys.psk, pair.keys.identity);
    for (const options of [withPsk, { ...withPsk, session }, { ...bare, session }])
      expect(await attemptTls(pair.port, options)).toMatchObject({ kind: 'closed' });
    await expect(pair.connect()).rejects.toMatchObject(refused);
    expect(() => pair.provider.grant(credentialsOf(pair.keys), 'provider')).toThrow('has ended (revoked)');
    await pair.drained();
    expect(pair.accepted).toHaveLength(0);
  });
});

describe('a provider that waits', () => {
  it('closes a silent client and one that stops before its confirmation', async () => {
    const clock = new ManualClock();
    const pair = await startStreamPair({ clock, limits: { handshakeMs: 3_000 } });
    const silent = connectTcp(pair.port, '127.0.0.1');
    const half = dialTls(pair.port, pskOptions(pair.keys.psk, pair.keys.identity));
    await once(half, 'data');
    expect(pair.server.connections).toEqual({ pending: 2, live: 1 });
    const closed = Promise.all([once(silent.resume(), 'close'), once(half.resume(), 'close')]);
    clock.advance(3_000);
    await closed;
    expect(pair.refusals).toEqual(['deadline', 'deadline']);
    await pair.drained();
    expect(clock.waiting).toBe(0);
    silent.destroy();
    await pair.close();
  });

  it('checks the expiry again when the handshake is done', async () => {
    const clock = new ManualClock();
    const streams = new LiveStreams({ clock });
    const pair = await startStreamPair({ streams });
    const keys = newStreamKeys();
    streams.grant(credentialsOf(keys, { notAfterUnixMs: clock.nowUnixMs() + 1_000 }), 'provider');
    // The first flight is behind the callback, the second one finishes the handshake.
    const relay = await relayTo(pair.port, (index) => {
      if (index === 1) clock.skip(1_000);
    });
    await expect(pair.connect({ port: relay.port, credentials: credentialsOf(keys) })).rejects.toMatchObject(
      refused,
    );
    expect(pair.refusals).toEqual(['ended']);
    expect(pair.accepted).toHaveLength(0);
    await relay.close();
    await pair.close();
  });

  it('closes a connection whose stream ends between callback and confirmation', async () => {
    const pair = await startStreamPair();
    const relay = await relayTo(pair.port, (index) => {
      if (index === 1) pair.provider.end(pair.keys.streamId, 'revoked');
    });
    await expect(pair.connect({ port: relay.port })).rejects.toMatchObject(refused);
    expect(pair.accepted).toHaveLength(0);
    await relay.close();
    await pair.close();
  });

  it('allows each stream a bounded number of connections', async () => {
    const pair = await startStreamPair({ limits: { connectionsPerStream: 2 } });
    await Promise.all([pair.open(), pair.open()]);
    await expect(pair.connect()).rejects.toMatchObject(refused);
    expect(pair.refusals).toEqual(['connections']);
    await pair.close();
  });
});
