import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { EkoError } from '@eko/protocol';
import { TRANSFER_HEADERS } from '@eko/protocol/rest';
import { isReadByPeer } from '@eko/sdk/node';
import { pump } from './pump';
import type { Transfer } from './transfer';

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
