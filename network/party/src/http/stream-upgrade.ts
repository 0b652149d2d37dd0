import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { EkoError, formatStreamId } from '@eko/protocol';
import { STREAM_UPGRADE } from '@eko/protocol/rest';
import { FramedDuplex, answerForReader, isReadByPeer } from '@eko/sdk/node';
import { parseDataPath } from './data-address';

/** Finds the bytes of a stream: opens it as the initiator, or waits for the initiator's connection as the provider. */
export type StreamSource = (streamId: string, signal: AbortSignal) => Promise<Duplex>;

const ACCEPTED = `HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: ${STREAM_UPGRADE}\r\n\r\n`;

/**
 * Turns an upgrade request into both directions of its stream, as frames, so that each has an end of its own: half-close
 * and backpressure pass through. Where the stream breaks the caller's socket is reset, and where that ends without the
 * frame that says so, the stream is cut.
 *
 * @throws EkoError `NOT_FOUND`, `INVALID_ARGUMENT`, and those of the source
 */
export async function upgradeToStream(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  source: StreamSource,
): Promise<void> {
  if (request.headers.upgrade !== STREAM_UPGRADE) {
    throw new EkoError(
      'INVALID_ARGUMENT',
      `The one upgrade here is ${STREAM_UPGRADE}; speak HTTP/1.1 otherwise`,
    );
  }
  const reference = parseDataPath(request.url ?? '');
  const gone = new AbortController();
  const leave = (): void => {
    gone.abort(new EkoError('CANCELLED', 'The caller is gone'));
  };
  socket.once('close', leave);
  const bytes = await source(formatStreamId(reference), gone.signal);
  socket.off('close', leave);
  if (socket.destroyed) {
    bytes.destroy();
    return;
  }
  socket.write(ACCEPTED);
  if (head.length > 0) socket.unshift(head);
  // Neither leg's reader is here: each says of the other what that was told.
  const framed = new FramedDuplex(socket, () => isReadByPeer(bytes));
  answerForReader(bytes, () => framed.isReadByPeer);
  // Not a pipeline: that would end the other in peace where one breaks, and part would pass for all.
  breakTogether(bytes, framed);
  breakTogether(framed, bytes);
  framed.pipe(bytes);
  bytes.pipe(framed);
}

function breakTogether(one: Duplex, other: Duplex): void {
  one.on('error', () => other.destroy());
  one.once('close', () => {
    if (!one.readableEnded || !one.writableFinished) other.destroy();
  });
}
