import { constants } from 'node:crypto';
import type { SecureContextOptions, TLSSocket } from 'node:tls';
import { EkoError } from '@eko/protocol';
import { STREAM_ALPN } from '@eko/protocol/crypto';
import { streamCipherSuites, type StreamCipherPolicy } from './stream-cipher-suites';

/** How long both handshakes, of TLS and of ours, may take together. */
export const HANDSHAKE_MS = 3_000;

/** After this silence TCP asks whether the peer is still there. */
export const KEEP_ALIVE_MS = 30_000;

/** Application protocols of a secure stream: exactly one. */
export const STREAM_ALPN_PROTOCOLS: string[] = [STREAM_ALPN];

/**
 * The settings of the secure context, the same at both ends. Each closes a door that the defaults leave open:
 * - `minVersion` = `maxVersion`: no TLS 1.2, whose PSK suites have other properties;
 * - `ca: []` and no certificate: no certificate is ever accepted, none is ever shown;
 * - `SSL_OP_NO_TICKET`: a ticket would let a party back in after its key was withdrawn, without any callback;
 * - no `SSL_OP_ALLOW_NO_DHE_KEX`: every connection has a Diffie-Hellman exchange of its own.
 * @see docs/protocol.md, "5. The key and the stream"; RFC 9257
 */
export function streamContextOptions(policy?: StreamCipherPolicy): SecureContextOptions {
  return {
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    ciphers: streamCipherSuites(policy).join(':'),
    ca: [],
    secureOptions: constants.SSL_OP_NO_TICKET,
  };
}

/**
 * Refuses a TLS connection that did not come about by the external PSK. Node shows a PSK handshake as a resumed
 * session without any certificate; tickets are off at both ends, so that nothing else looks like that.
 * @throws EkoError `HANDSHAKE_REFUSED`
 */
export function verifyPskUsed(socket: TLSSocket): void {
  const isPsk = socket.isSessionReused() && Object.keys(socket.getPeerCertificate()).length === 0;
  if (!isPsk || socket.getProtocol() !== 'TLSv1.3' || socket.alpnProtocol !== STREAM_ALPN)
    throw handshakeRefusedError();
}

/** The one error for every handshake that fails after the connection was made: it must not tell what was wrong. */
export function handshakeRefusedError(): EkoError {
  return new EkoError(
    'HANDSHAKE_REFUSED',
    'The other end refused the secure stream, or does not hold its key; check on the ledger that the stream is active',
  );
}
