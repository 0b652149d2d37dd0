import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex, Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { EkoError } from '@eko/protocol';
import { TRANSFER_HEADERS } from '@eko/protocol/rest';
import { isReadByPeer } from '@eko/sdk/node';
import type { Transfer } from './transfers';

/** A connection that served a confirmed transfer may be quiet for so long again. */
const QUIET_MS = 60_000;

/**
 * Answers with everything that comes through a stream, its size and hash as trailers, and tells the other side that it
 * arrived: after the program's confirmation where it has named its transfer, else when the last chunk has left this
 * process, which says less.
 *
 * @param onMoved - called with every chunk
 * @throws what breaks the answer or the connection, and what the confirmation fails with
 */
export async function giveBody(
  { socket }: IncomingMessage,
  response: ServerResponse,
  connection: Duplex,
  transfer: Transfer,
  isNamed: boolean,
  onMoved: () => void,
): Promise<void> {
  const { bytes: bytesName, sha256: sha256Name } = TRANSFER_HEADERS;
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'cache-control': 'no-store',
    trailer: `${bytesName}, ${sha256Name}`,
    [TRANSFER_HEADERS.id]: transfer.transferId,
  });
  response.flushHeaders();
  await pump(connection, response, (chunk) => {
    onMoved();
    transfer.count(chunk);
  });
  const { bytes, sha256 } = transfer.whole();
  response.addTrailers({ [bytesName]: String(bytes), [sha256Name]: sha256 });
  transfer.awaitConfirmation();
  const flushed = once(response, 'finish');
  response.end();
  await flushed;
  if (isNamed) {
    // To make a large file durable takes its time; who closes this connection before is gone.
    socket.setTimeout(0);
    await transfer.confirmed;
    socket.setTimeout(QUIET_MS);
    if (transfer.failure !== undefined) throw transfer.failure;
  }
  connection.end();
  await finished(connection, { readable: false });
  transfer.finish();
}

/**
 * Sends a request's body through a stream and answers once the other side has confirmed that it has all of it.
 *
 * @param onMoved - called with every chunk
 * @throws EkoError `BAD_STATE` where the other side sends too, or ends first; what breaks the request or the connection
 */
export async function takeBody(
  request: IncomingMessage,
  response: ServerResponse,
  connection: Duplex,
  transfer: Transfer,
  onMoved: () => void,
): Promise<void> {
  const confirmed = endWithoutData(connection);
  if (request.headers.expect !== undefined) response.writeContinue();
  const sent = pump(request, connection, (chunk) => {
    onMoved();
    transfer.count(chunk);
  });
  // Whatever the other side fails with ends the wait at once.
  await Promise.race([sent, confirmed]);
  const totals = transfer.whole();
  connection.end();
  await confirmed;
  transfer.finish();
  response
    .writeHead(200, {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      [TRANSFER_HEADERS.id]: transfer.transferId,
    })
    .end(JSON.stringify({ transferId: transfer.transferId, ...totals }));
}

/**
 * Resolves at the end of the other side's data, of which there must be none. An end that does not say that ours was read
 * is another sender's, or that of a program that has ended its side first: it says nothing of what it has received.
 */
function endWithoutData(connection: Duplex): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.once('error', reject).once('end', () => {
      const text = 'The other side has ended before it had received all: it cannot confirm that any more';
      if (isReadByPeer(connection)) resolve();
      else reject(new EkoError('BAD_STATE', text));
    });
    connection.once('close', () => reject(new Error('closed before the end')));
    connection.once('data', () => {
      const text = 'The other side sends too: one of the two receives, or both take the upgrade';
      reject(new EkoError('BAD_STATE', text));
    });
  });
}

/**
 * Moves everything from one stream to another, as fast as the slower one. Unlike a pipeline it ends and destroys
 * nothing: what becomes of either is the caller's, who may still have to say why.
 *
 * @returns at the source's end, when all is written
 * @throws the error of either; an Error where one closes before the source's end
 */
export function pump(source: Readable, target: Writable, onChunk: (chunk: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (outcome: () => void): void => {
      source.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose);
      target.off('drain', onDrain).off('error', onError).off('close', onClose);
      source.pause();
      outcome();
    };
    const onData = (chunk: Buffer): void => {
      onChunk(chunk);
      if (!target.write(chunk)) source.pause();
    };
    const onDrain = (): void => {
      source.resume();
    };
    const onEnd = (): void => settle(resolve);
    const onError = (error: Error): void => settle(() => reject(error));
    const onClose = (): void => settle(() => reject(new Error('closed before the end')));
    if (source.destroyed || target.destroyed) {
      reject(source.errored ?? target.errored ?? new Error('closed before the end'));
      return;
    }
    source.on('end', onEnd).on('error', onError).on('close', onClose);
    target.on('drain', onDrain).on('error', onError).on('close', onClose);
    source.on('data', onData);
  });
}
