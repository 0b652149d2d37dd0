import { EkoError, type SecretBytes } from '@eko/protocol';
import { isPskIdentity } from '@eko/protocol/crypto';
import { type StreamDirections } from '@eko/protocol/ledger';

/** Length of every pre-shared key of a secure stream. TLS itself would take anything from 1 to 512 bytes. */
export const PSK_BYTES = 32;

/** The two ends of a stream. The initiator is always the TLS client, the provider always the server. */
export type StreamRole = 'initiator' | 'provider';

/** What an endpoint needs to open or serve the connections of one epoch of a stream. */
export interface StreamCredentials {
  /** `bundleId/index`. */
  readonly streamId: string;
  readonly epoch: number;
  /** PSK identity; travels in clear. */
  readonly identity: string;
  readonly psk: SecretBytes<'tls psk'>;
  readonly confirmKey: SecretBytes<'stream confirm key'>;
  /** From this time on the credentials open nothing, and connections made with them are closed. */
  readonly notAfterUnixMs: number;
  /** Which way data may go: a byte the other way is refused at both ends. */
  readonly directions: StreamDirections;
  /** How many connections the stream may have at a time. */
  readonly maxConnections: number;
}

/**
 * Refuses credentials of the wrong shape before TLS sees them: an oversize key would come back inside TLS's own error
 * text, and a key of one byte would simply be used.
 * @throws EkoError `INVALID_KEY`
 * @see docs/protocol.md, "5. The key and the stream"
 */
export function verifyStreamCredentials(credentials: StreamCredentials): void {
  if (credentials.psk.length !== PSK_BYTES || credentials.confirmKey.length !== PSK_BYTES)
    throw new EkoError('INVALID_KEY', `Keys of a secure stream are exactly ${PSK_BYTES} bytes`);
  if (!isPskIdentity(credentials.identity))
    throw new EkoError('INVALID_KEY', 'A PSK identity is ek1.<22 base64url characters>.<epoch>.<i2p or p2i>');
  if (!Number.isSafeInteger(credentials.notAfterUnixMs))
    throw new EkoError('INVALID_KEY', 'Credentials need a time after which they are void');
  if (!Number.isSafeInteger(credentials.maxConnections) || credentials.maxConnections < 1)
    throw new EkoError('INVALID_KEY', 'Credentials need a number of connections');
}

/** Tells, in constant time, whether two credentials are for the same stream and hold the same keys. */
export function isSameKey(one: StreamCredentials, other: StreamCredentials): boolean {
  const isSamePsk = one.psk.equals(other.psk);
  return one.confirmKey.equals(other.confirmKey) && isSamePsk && one.streamId === other.streamId;
}

/** Wipes both keys; using the credentials afterwards throws. */
export function disposeStreamCredentials(credentials: StreamCredentials): void {
  credentials.psk.dispose();
  credentials.confirmKey.dispose();
}

/**
 * A copy of the pre-shared key for one call into TLS, which takes its own copy as soon as the callback returns.
 * The wipe waits for the end of the event-loop turn: a microtask may run before TLS has copied.
 */
export function lendPsk(psk: SecretBytes<'tls psk'>): Buffer {
  const copy = Buffer.allocUnsafeSlow(PSK_BYTES);
  psk.use((bytes) => {
    copy.set(bytes);
  });
  setImmediate(() => {
    copy.fill(0);
  });
  return copy;
}
