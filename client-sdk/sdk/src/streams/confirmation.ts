import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { STREAM_EXPORTER_LABEL } from '@eko/protocol/crypto';
import { lengthPrefixed, utf8Encode } from '@eko/protocol/encoding';
import { requireEndMark, type EndMark } from './end-mark';
import { grantedDirectionsOf, type DataDirection } from './granted-directions';
import type { StreamCredentials, StreamRole } from './stream-credentials';
import { handshakeRefusedError } from './tls-profile';

const EXPORTER_BYTES = 32;
const NO_CONTEXT = Buffer.alloc(0);

/**
 * The first message of one end: a length-prefixed HMAC-SHA256 under the confirm key over role, PSK identity and the
 * exporter of this TLS connection. It proves the key a second time, for this connection and this role: a resumed
 * session, a reflected connection and a TLS peer that took another way in all fail here.
 * @see docs/protocol.md, "5. The key and the stream"
 */
export function encodeConfirmation(
  role: StreamRole,
  exporter: Uint8Array,
  credentials: StreamCredentials,
): Buffer {
  return Buffer.from(lengthPrefixed(tagOf('confirm', role, exporter, credentials)));
}

/**
 * The last message of one end, after all its data: made like the first, so that it too is of this connection alone. One
 * that was read to its end before says so with it.
 */
export function encodeEndMark(
  role: StreamRole,
  exporter: Uint8Array,
  credentials: StreamCredentials,
  hasReadAll = false,
): Buffer {
  return tagOf(hasReadAll ? 'end-read' : 'end', role, exporter, credentials);
}

function tagOf(
  purpose: 'confirm' | 'end' | 'end-read',
  role: StreamRole,
  exporter: Uint8Array,
  { identity, confirmKey }: StreamCredentials,
): Buffer {
  const message = lengthPrefixed(utf8Encode(purpose), utf8Encode(role), utf8Encode(identity), exporter);
  return confirmKey.use((key) => createHmac('sha256', key).update(message).digest());
}

/** What of a TLS connection confirmations are exchanged over. */
export type ConfirmedSocket = Duplex & Pick<TLSSocket, 'exportKeyingMaterial'>;

/** What binds a confirmation to one TLS connection. @see RFC 8446 section 7.5 */
function confirmationExporter(socket: ConfirmedSocket): Buffer {
  return socket.exportKeyingMaterial(EXPORTER_BYTES, STREAM_EXPORTER_LABEL, NO_CONTEXT);
}

/**
 * Sends the own confirmation and checks the peer's; what follows it on the socket is the application's, up to the mark
 * of its end. `ready` delays the own confirmation of a side that the other waits for until it has somebody to serve it:
 * not one byte comes before. The caller hands the socket out in the same turn in which this resolves, and bounds the
 * time by destroying it. Data of a direction that the credentials do not grant is told to `onRefused` and never handed
 * out.
 * @throws EkoError `HANDSHAKE_REFUSED` when the peer's is wrong or does not come; what destroyed the socket after that
 */
export async function exchangeConfirmations(
  socket: ConfirmedSocket,
  ownRole: StreamRole,
  credentials: StreamCredentials,
  onRefused: (direction: DataDirection) => void,
  ready?: () => Promise<void>,
): Promise<void> {
  const peerRole = ownRole === 'initiator' ? 'provider' : 'initiator';
  const exporter = confirmationExporter(socket);
  const endMark = (role: StreamRole): EndMark => ({
    sent: encodeEndMark(role, exporter, credentials),
    read: encodeEndMark(role, exporter, credentials, true),
  });
  // The peer may end as soon as it has seen the own confirmation.
  const marks = { own: endMark(ownRole), peer: endMark(peerRole) };
  const end = requireEndMark(socket, marks, grantedDirectionsOf(credentials, ownRole, onRefused));
  const own = encodeConfirmation(ownRole, exporter, credentials);
  if (ready === undefined) socket.write(own);
  const expected = encodeConfirmation(peerRole, exporter, credentials);
  const received = await readExactly(socket, expected.length);
  if (!timingSafeEqual(received, expected)) throw handshakeRefusedError();
  end.proved();
  if (ready !== undefined) {
    await ready();
    socket.write(own);
  }
  // Out of the TLS read that brought the confirmation: a side that is closed inside it loses what it was yet to read.
  await new Promise((resolve) => setImmediate(resolve));
  // Nobody could have told an application of what came in between.
  if (socket.destroyed) throw socket.errored ?? handshakeRefusedError();
  end.handOut();
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
