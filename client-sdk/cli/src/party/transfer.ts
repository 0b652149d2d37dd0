import { EkoError, isEkoError } from '@eko/protocol';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Transform, type Duplex, type Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** What went through. */
export interface Transferred {
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
  readonly milliseconds: number;
}

/** Told as bytes go through. */
export type TransferListener = (bytes: number) => void;

/**
 * Sends everything that `source` has, ends this direction, and waits until the other side has ended its own: it does so
 * once it has read everything.
 *
 * @throws EkoError `STREAM_CUT`, `STREAM_ENDED` or `PEER_UNAVAILABLE` if the connection is over first
 */
export async function sendAll(
  source: Readable,
  connection: Duplex,
  onBytes: TransferListener,
): Promise<Transferred> {
  const count = counter(onBytes);
  const otherSideEnded = untilEnd(connection);
  connection.resume();
  await unbroken(Promise.all([pipeline(source, count.through, connection), otherSideEnded]));
  return count.result();
}

/**
 * Takes everything that the other side sends, then ends this direction too.
 *
 * @throws EkoError `STREAM_CUT`, `STREAM_ENDED` or `PEER_UNAVAILABLE` if the connection is over first
 */
export async function receiveAll(
  connection: Duplex,
  target: Writable,
  onBytes: TransferListener,
): Promise<Transferred> {
  const count = counter(onBytes);
  const isStandardOutput = target === process.stdout;
  await unbroken(pipeline(connection, count.through, target, { end: !isStandardOutput }));
  connection.end();
  return count.result();
}

function counter(onBytes: TransferListener): { through: Transform; result(): Transferred } {
  const hash = createHash('sha256');
  const startedMs = performance.now();
  let bytes = 0;
  const through = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      onBytes(bytes);
      done(undefined, chunk);
    },
  });
  return {
    through,
    result: () => ({ bytes, sha256: hash.digest('hex'), milliseconds: performance.now() - startedMs }),
  };
}

/** Resolves at the end of what the other side sends; a close without that end is a break. */
async function untilEnd(connection: Duplex): Promise<void> {
  const closed = once(connection, 'close').then(() => {
    if (!connection.readableEnded) throw new Error('closed before its end');
  });
  await Promise.race([once(connection, 'end'), closed]);
}

async function unbroken(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (isEkoError(error)) throw error;
    throw new EkoError('PEER_UNAVAILABLE', 'The stream broke before all had gone through', { cause: error });
  }
}
