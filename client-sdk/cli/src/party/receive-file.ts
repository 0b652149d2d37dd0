import { openTarget, transferProgress, type Terminal } from '@eko/command';
import { receiveAll, type PartyAccess } from '@eko/sdk/rest';
import { transferResult } from './transfer-report';
import { awaitTransfer } from './await-transfer';

/**
 * Takes what comes through a stream into a file, or into standard output as `-`; a file is there whole or not at all.
 *
 * @param timeoutSeconds - how long to wait for the other side
 * @throws EkoError as `awaitTransfer`, `openTarget` and `receiveAll`
 */
export async function receiveFile(
  access: PartyAccess,
  streamId: string,
  file: string,
  timeoutSeconds: number,
  terminal: Terminal,
): Promise<void> {
  const target = await openTarget(file, (text) => terminal.note(text));
  try {
    const transfer = await awaitTransfer(access, streamId, 'send', timeoutSeconds, terminal);
    const { client, options, explain } = transfer;
    const onBytes = transferProgress(terminal, 'receiving');
    const all = receiveAll(client, streamId, target, onBytes, options);
    const { untold, ...received } = await all.catch((error: unknown) => {
      throw explain(error);
    });
    if (untold !== undefined) {
      terminal.note(`all is here, but the other side could not be told (${untold.code}: ${untold.message})`);
    }
    // Standard output carries the data itself then.
    if (file === '-') terminal.note(`received ${received.bytes} bytes`);
    else transferResult(terminal, 'received', streamId, received, { confirmed: untold === undefined });
  } catch (error) {
    await target.drop();
    throw error;
  }
}
