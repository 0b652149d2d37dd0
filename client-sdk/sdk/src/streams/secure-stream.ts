import type { Duplex } from 'node:stream';

/**
 * An open secure stream: the application's raw bytes both ways, with backpressure, half-close and errors. When the
 * stream ends on the ledger it is destroyed with an EkoError `STREAM_ENDED`.
 *
 * Its `end` says that the other side ended its data and that nothing is missing. A connection that is lost before that,
 * or that the other side destroyed, is destroyed with `STREAM_CUT` or the network's own error, but not before a client
 * had the ledger's word on it: where the stream has ended, with `STREAM_ENDED`. A connection lives until both sides have
 * ended, so each ends its own.
 *
 * HTTP/1.1 and HTTP/2 of Node.js take it as a connection. What works on the native handle of a socket does not see the
 * end: TLS inside it, or a child process that inherits it, gets `Duplex.from({ readable: stream, writable: stream })`.
 */
export type SecureStream = Duplex;

/** More than this SDK and the runtime have on a connection themselves. */
const OWN_LISTENERS = 10;

/** Leaves an application as many listeners as any stream of Node.js gives it before it warns of a leak. */
export function leaveRoomForListeners(stream: SecureStream): SecureStream {
  return stream.setMaxListeners(stream.getMaxListeners() + OWN_LISTENERS);
}
