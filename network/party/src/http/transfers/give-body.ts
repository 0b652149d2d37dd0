import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { finished } from 'node:stream/promises';
import { TRANSFER_HEADERS } from '@eko/protocol/rest';
import { pump } from './pump';
import type { Transfer } from './transfer';

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
