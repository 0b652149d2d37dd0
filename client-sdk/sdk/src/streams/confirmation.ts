import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { STREAM_EXPORTER_LABEL, lengthPrefixed, utf8Encode } from '@eko/protocol';
import type { StreamCredentials } from './stream-credentials';
import { handshakeRefusedError } from './tls-profile';

/** The two ends of a stream. The initiator is always the TLS client, the provider always the server. */
export type StreamRole = 'initiator' | 'provider';

const EXPORTER_BYTES = 32;
const NO_CONTEXT = Buffer.alloc(0);

/**
 * The first message of one end: a length-prefixed HMAC-SHA256 under the confirm key over role, PSK identity and the
 * TLS exporter. It proves the key a second time, for this connection and this role: a resumed session, a reflected
 * connection and a TLS peer that took another way in all fail here.
 * @see protocol.md section 8; RFC 8446 section 7.5
 */
export function encodeConfirmation(
  socket: TLSSocket,
  role: StreamRole,
  credentials: StreamCredentials,
): Buffer {
  const exporter = socket.exportKeyingMaterial(EXPORTER_BYTES, STREAM_EXPORTER_LABEL, NO_CONTEXT);
  const message = lengthPrefixed(utf8Encode(role), utf8Encode(credentials.identity), exporter);
  const tag = credentials.confirmKey.use((key) => createHmac('sha256', key).update(message).digest());
  return Buffer.from(lengthPrefixed(tag));
}

/**
 * Sends the own confirmation and checks the peer's; what follows it on the socket is the application's.
 * The caller bounds the time by destroying the socket.
 * @throws EkoError `HANDSHAKE_REFUSED` when the peer's is wrong or does not come
 */
export async function exchangeConfirmations(
  socket: TLSSocket,
  ownRole: StreamRole,
  credentials: StreamCredentials,
): Promise<void> {
  const peerRole = ownRole === 'initiator' ? 'provider' : 'initiator';
  const expected = encodeConfirmation(socket, peerRole, credentials);
  socket.write(encodeConfirmation(socket, ownRole, credentials));
  const received = await readExactly(socket, expected.length);
  if (!timingSafeEqual(received, expected)) throw handshakeRefusedError();
}

/** Takes the first `length` bytes off a stream that nobody reads yet, and leaves the rest in it. */
function readExactly(stream: Duplex, length: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      stream.off('readable', onReadable).off('end', onGone).off('close', onGone);
    };
    const onReadable = () => {
      const bytes: unknown = stream.read(length);
      // At the end of the data `read` hands out what there is, even when it is less.
      if (!Buffer.isBuffer(bytes)) return;
      settle();
      if (bytes.length === length) resolve(bytes);
      else reject(handshakeRefusedError());
    };
    const onGone = () => {
      settle();
      reject(handshakeRefusedError());
    };
    // Closed before anybody listened: no event will come.
    if (stream.destroyed) {
      reject(handshakeRefusedError());
      return;
    }
    stream.on('readable', onReadable).once('end', onGone).once('close', onGone);
  });
}
