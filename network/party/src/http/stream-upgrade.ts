import type { IncomingMessage } from 'node:http';
import { pipeline, type Duplex } from 'node:stream';
import {
  EkoError,
  STREAM_UPGRADE,
  StreamIndex,
  BundleId,
  fits,
  formatStreamId,
  type StreamReference,
} from '@eko/protocol';
import type { EkoStream } from '@eko/sdk';

/** Finds the bytes of a stream: opens it as the initiator, or waits for the initiator's connection as the provider. */
export type StreamSource = (stream: EkoStream, signal: AbortSignal) => Promise<Duplex>;

const PATH = /^\/v1\/streams\/([0-9a-f-]{36})\/(0|[1-9][0-9]{0,2})\/data$/;
const ACCEPTED = `HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: ${STREAM_UPGRADE}\r\n\r\n`;

/**
 * Turns an upgrade request into the raw bytes of its stream: half-close and backpressure pass through, and when the
 * stream ends the caller's socket is destroyed.
 *
 * @throws EkoError `NOT_FOUND`, `INVALID_ARGUMENT`, and those of the source
 */
export async function upgradeToStream(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  streamOf: (streamId: string) => EkoStream,
  source: StreamSource,
): Promise<void> {
  const reference = referenceIn(request.url);
  if (request.headers.upgrade !== STREAM_UPGRADE) {
    throw new EkoError('INVALID_ARGUMENT', `The one upgrade here is ${STREAM_UPGRADE}`);
  }
  const gone = new AbortController();
  const leave = (): void => {
    gone.abort(new EkoError('CANCELLED', 'The caller is gone'));
  };
  socket.once('close', leave);
  const bytes = await source(streamOf(formatStreamId(reference)), gone.signal);
  socket.off('close', leave);
  if (socket.destroyed) {
    bytes.destroy();
    return;
  }
  socket.write(ACCEPTED);
  if (head.length > 0) bytes.write(head);
  const cut = (): void => {
    bytes.destroy();
    socket.destroy();
  };
  bytes.once('error', cut);
  bytes.once('close', () => {
    // Both directions over is the peaceful end; anything else is a cut, and the caller must see one.
    if (!bytes.readableEnded) socket.destroy();
  });
  pipeline(socket, bytes, (error) => {
    if (error) cut();
  });
  pipeline(bytes, socket, (error) => {
    if (error) cut();
  });
}

function referenceIn(url: string | undefined): StreamReference {
  const match = PATH.exec(url ?? '');
  const bundleId = match?.[1];
  const index = Number(match?.[2]);
  if (bundleId === undefined || !fits(BundleId, bundleId) || !fits(StreamIndex, index)) {
    throw new EkoError('NOT_FOUND', 'There is nothing at this address');
  }
  return { bundleId, index };
}
