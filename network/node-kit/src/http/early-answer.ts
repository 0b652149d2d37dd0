import type { IncomingMessage } from 'node:http';

/** So long, and so much of it, is the rest of a refused body read and thrown away. */
const LINGER = { ms: 2_000, bytes: 1024 * 1024 } as const;

/**
 * Has the connection end after an answer that is about to be written, where the body of its request is still coming: what
 * came of it later would stand between two requests, and an end of its time would be told behind the answer. The end is
 * in two steps, for to close under a caller that is still sending would throw away the answer before it is read: first
 * nothing is written any more, then, when the body or the patience is over, nothing read.
 *
 * @returns the headers that the answer needs for it
 */
export function endingAfterAnswer(request: IncomingMessage): Readonly<Record<string, string>> {
  if (request.complete || !hasBody(request)) return {};
  const { socket } = request;
  const close = socket.destroySoon.bind(socket);
  // What Node's server calls once an answer is written that says so.
  socket.destroySoon = () => {
    if (request.complete) {
      close();
      return;
    }
    const timer = setTimeout(() => socket.destroy(), LINGER.ms);
    socket.once('close', () => clearTimeout(timer));
    let restBytes = 0;
    socket.on('data', (piece: Uint8Array) => {
      restBytes += piece.length;
      if (restBytes > LINGER.bytes) socket.destroy();
    });
    request.once('end', close).resume();
    socket.end();
  };
  return { connection: 'close' };
}

/** A request without a body is not called complete before its listener has returned. */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
