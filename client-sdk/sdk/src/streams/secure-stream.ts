import type { Duplex } from 'node:stream';

/**
 * An open secure stream: the application's raw bytes both ways, with backpressure, half-close and errors. When the
 * stream ends on the ledger it is destroyed with an EkoError `STREAM_ENDED`.
 *
 * Its `end` says that the other side closed, not that nothing is missing: an application that must know states a
 * length or a digest. A connection lives until both sides have ended, so each ends its own.
 */
export type SecureStream = Duplex;
