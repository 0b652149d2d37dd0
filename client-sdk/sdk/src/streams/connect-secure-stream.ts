import { once } from 'node:events';
import { connect as connectTls, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import { isNativeError } from 'node:util/types';
import { EkoError } from '@eko/protocol';
import { withDeadline, type CallLimits } from '../pacing/deadline';
import { awaitReason } from './await-reason';
import { exchangeConfirmations } from './confirmation';
import type { LiveStreams } from './live-streams';
import { leaveRoomForListeners, type SecureStream } from './secure-stream';
import { lendPsk, type StreamCredentials } from './stream-credentials';
import type { StreamCipherPolicy } from './stream-cipher-suites';
import {
  HANDSHAKE_MS,
  KEEP_ALIVE_MS,
  STREAM_ALPN_PROTOCOLS,
  handshakeRefusedError,
  streamContextOptions,
  verifyPskUsed,
} from './tls-profile';

/** Where and with what to connect, and for how long to try: the deadline spans TCP, TLS and confirmation. */
export interface ConnectSecureStreamOptions extends CallLimits {
  readonly host: string;
  readonly port: number;
  readonly credentials: StreamCredentials;
  /** Takes over the credentials, and closes the connection when the stream ends. */
  readonly streams: LiveStreams;
  readonly ciphers?: StreamCipherPolicy;
}

/** Long enough for a far peer under load, short enough to try another address. */
const DEFAULT_DEADLINE_MS = 2 * HANDSHAKE_MS;

/**
 * The initiator's end: opens one connection of a stream. The stream is handed out only after the PSK was really used
 * and the provider proved the key for this very connection; not one byte of the application leaves before that.
 * Connects once; whether and when to try again is the caller's.
 * @throws EkoError `STREAM_ENDED`; `CONNECTION_LIMIT`; `HANDSHAKE_REFUSED` for everything that can depend on the key; `PEER_UNAVAILABLE`;
 * `STREAM_CUT` when the connection is cut behind the provider's proof; `DEADLINE_EXCEEDED`; `CANCELLED`; `INVALID_KEY`
 * @see docs/protocol.md, "5. The key and the stream"
 */
export async function connectSecureStream(options: ConnectSecureStreamOptions): Promise<SecureStream> {
  const { deadlineMs = DEFAULT_DEADLINE_MS, signal } = options;
  return withDeadline('Opening the secure stream', { deadlineMs, signal }, (given) => open(options, given));
}

async function open(options: ConnectSecureStreamOptions, signal: AbortSignal): Promise<SecureStream> {
  const { host, port, streams } = options;
  const credentials = streams.grant(options.credentials, 'initiator');
  const socket = startTls({ ...options, credentials });
  const cut = (error: EkoError) => socket.destroy(error);
  const onAbort = () => socket.destroy();
  // An error shows where the promise or the application waits; without a listener it would end the process.
  socket.on('error', () => undefined);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    socket.once('close', streams.hold(credentials, cut));
    await once(socket, 'secureConnect', { signal });
    socket.allowHalfOpen = true;
    socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS);
    verifyPskUsed(socket);
    await exchangeConfirmations(socket, 'initiator', credentials, (direction) => {
      streams.onDirectionRefused(credentials.streamId, direction);
    });
    awaitReason(socket, (loss) => streams.lost(credentials, cut, loss));
    streams.traffic.opened(credentials, socket);
    return leaveRoomForListeners(socket);
  } catch (error) {
    const cause = socket.errored ?? error;
    socket.destroy();
    throw cause instanceof EkoError ? cause : connectError(cause, host, port);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function startTls({ host, port, credentials, ciphers }: ConnectSecureStreamOptions): TLSSocket {
  return connectTls({
    host,
    port,
    secureContext: clientContext(ciphers),
    minVersion: 'TLSv1.3',
    ALPNProtocols: STREAM_ALPN_PROTOCOLS,
    pskCallback: () => ({ psk: lendPsk(credentials.psk), identity: credentials.identity }),
    // Asked only about a certificate, and no certificate will do.
    checkServerIdentity: handshakeRefusedError,
  });
}

const clientContexts = new Map<StreamCipherPolicy['aes128Gcm'], SecureContext>();

/** A context holds settings only, no key and no session, and making one costs as much as a handshake. */
function clientContext(policy?: StreamCipherPolicy): SecureContext {
  let context = clientContexts.get(policy?.aes128Gcm);
  if (context === undefined)
    clientContexts.set(policy?.aes128Gcm, (context = createSecureContext(streamContextOptions(policy))));
  return context;
}

/** A system error is the network's; everything else is the peer's answer, which may depend on the key. */
function connectError(error: unknown, host: string, port: number): EkoError {
  const code = isNativeError(error) && 'code' in error ? String(error.code) : '';
  const isSystemError = isNativeError(error) && 'syscall' in error;
  // Node's own text for a peer that hung up before the handshake was over carries this code and no system call.
  if (!isSystemError && code !== 'ECONNRESET') return handshakeRefusedError();
  return new EkoError('PEER_UNAVAILABLE', `No connection to ${host} port ${port}; try again`, {
    details: { host, port, reason: code },
  });
}
