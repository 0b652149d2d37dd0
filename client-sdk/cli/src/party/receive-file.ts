import type { Terminal } from '../terminal/terminal';
import { awaitActive } from './await-stream';
import { openDataConnection } from './data-connection';
import { openTarget } from './file-ends';
import type { PartyAccess } from './party-access';
import { PartyApi } from './party-api';
import { receiveAll } from './transfer';
import { transferProgress, transferResult } from './transfer-report';

/** A stream that is still being dealt is waited for. */
const ACTIVE_DEADLINE_MS = 60_000;

/**
 * Takes what comes through a stream into a file, or into standard output as `-`; a file is there whole or not at all.
 *
 * @throws EkoError `STREAM_ENDED`, `PEER_UNAVAILABLE`, `INVALID_ARGUMENT` for the file
 */
export async function receiveFile(
  access: PartyAccess,
  streamId: string,
  file: string,
  terminal: Terminal,
): Promise<void> {
  const { signal } = terminal;
  const target = await openTarget(file);
  try {
    await awaitActive(new PartyApi(access, signal), streamId, ACTIVE_DEADLINE_MS, signal);
    const connection = await openDataConnection(access, streamId, signal);
    signal.addEventListener('abort', () => connection.destroy(), { once: true });
    const received = await receiveAll(connection, target.stream, transferProgress(terminal, 'receiving'));
    await target.keep();
    // Standard output carries the data itself then.
    if (file === '-') terminal.note(`received ${received.bytes} bytes`);
    else transferResult(terminal, 'received', streamId, received);
  } catch (error) {
    await target.drop();
    throw error;
  }
}
