import { openSource, transferProgress, type Terminal } from '@eko/command';
import { awaitTransfer } from './await-transfer';
import { sendAll, type PartyAccess } from '@eko/sdk/rest';
import { transferResult } from './transfer-report';

/**
 * Sends a file, or standard input as `-`, through a stream and prints what went through, once the other side has
 * confirmed that it has all of it.
 *
 * @param timeoutSeconds - how long to wait for the other side
 * @throws EkoError as `awaitTransfer`, `openSource` and `sendAll`
 */
export async function sendFile(
  access: PartyAccess,
  streamId: string,
  file: string,
  timeoutSeconds: number,
  terminal: Terminal,
): Promise<void> {
  const source = await openSource(file);
  try {
    const transfer = await awaitTransfer(access, streamId, 'receive', timeoutSeconds, terminal);
    const { client, options, explain } = transfer;
    const onBytes = transferProgress(terminal, 'sending', source.sizeBytes);
    const sent = await sendAll(client, streamId, source, onBytes, options).catch((error: unknown) => {
      throw explain(error);
    });
    transferResult(terminal, 'sent', streamId, sent);
  } finally {
    source.stream.destroy();
  }
}
