import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import { EkoError } from '@eko/protocol';
import { withDeadline, type CallLimits } from '../pacing/deadline';
import { exchangeConfirmations } from './confirmation';
import type { LiveStreams } from './live-streams';
import type { SecureStream } from './secure-stream';
import { lendPsk, type StreamCredentials } from './stream-credentials';
import {
  HANDSHAKE_MS,
  STREAM_ALPN_PROTOCOLS,
  handshakeRefusedError,
  streamContextOptions,
  verifyPskUsed,
  type StreamCipherPolicy,
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

/** How a connection breaks off when nobody refused it. */
const BROKEN_CONNECTION = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH']);

/**
 * The initiator's end: opens one connection of a stream. The stream is handed out only after the PSK was really used
 * and the provider proved the key for this very connection; not one byte of the application leaves before that.
 * Connects once; whether and when to try again is the caller's.
 * @throws EkoError `STREAM_ENDED`; `HANDSHAKE_REFUSED` for everything that can depend on the key; `PEER_UNAVAILABLE`;
 * `DEADLINE_EXCEEDED`; `CANCELLED`; `INVALID_KEY`
 * @see protocol.md section 8
 */
export async function connectSecureStream(options: ConnectSecureStreamOptions): Promise<SecureStream> {
  const { deadlineMs = DEFAULT_DEADLINE_MS, signal } = options;
  return withDeadline('Opening the secure stream', { deadlineMs, signal }, (given) => open(options, given));
}

async function open(options: ConnectSecureStreamOptions, signal: AbortSignal): Promise<SecureStream> {
  const { host, port, credentials, streams } = options;
  streams.grant(credentials);
  const tcp = connectTcp({ host, port, allowHalfOpen: true, noDelay: true });
  let tls: TLSSocket | undefined;
  const release = streams.hold(credentials, (error) => {
    (tls ?? tcp).destroy(error);
  });
  const onAbort = () => {
    (tls ?? tcp).destroy();
  };
  // Errors show where the promise or the application waits; without a listener they would end the process.
  tcp.on('error', () => undefined).once('close', release);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await once(tcp, 'connect', { signal });
    tls = startTls(tcp, credentials, options.ciphers);
    await once(tls, 'secureConnect', { signal });
    verifyPskUsed(tls);
    await exchangeConfirmations(tls, 'initiator', credentials);
    return tls;
  } catch (error) {
    const socket = tls ?? tcp;
    const cause = socket.errored ?? error;
    socket.destroy();
    throw cause instanceof EkoError ? cause : connectError(cause, tls === undefined, { host, port });
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function startTls(tcp: Socket, credentials: StreamCredentials, policy?: StreamCipherPolicy): TLSSocket {
  const tls = connectTls({
    socket: tcp,
    secureContext: clientContext(policy),
    minVersion: 'TLSv1.3',
    ALPNProtocols: STREAM_ALPN_PROTOCOLS,
    pskCallback: () => ({ psk: lendPsk(credentials.psk), identity: credentials.identity }),
    // Asked only about a certificate, and no certificate will do.
    checkServerIdentity: handshakeRefusedError,
  });
  return tls.on('error', () => undefined);
}

const clientContexts = new Map<boolean, SecureContext>();

/** A context holds settings only, no key and no session, and making one costs as much as a handshake. */
function clientContext(policy: StreamCipherPolicy = {}): SecureContext {
  const allowAes128Gcm = policy.allowAes128Gcm === true;
  let context = clientContexts.get(allowAes128Gcm);
  if (context === undefined)
    clientContexts.set(allowAes128Gcm, (context = createSecureContext(streamContextOptions(policy))));
  return context;
}

function connectError(error: unknown, beforeTls: boolean, peer: { host: string; port: number }): EkoError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (beforeTls || BROKEN_CONNECTION.has(code))
    return new EkoError('PEER_UNAVAILABLE', `No connection to ${peer.host} port ${peer.port}; try again`, {
      details: { ...peer, reason: code },
    });
  return handshakeRefusedError();
}
