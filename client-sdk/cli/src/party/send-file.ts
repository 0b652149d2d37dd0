import type { Terminal } from '../terminal/terminal';
import { awaitActive } from './await-stream';
import { openDataConnection } from './data-connection';
import { openSource } from './file-ends';
import type { PartyAccess } from './party-access';
import { PartyApi } from './party-api';
import { sendAll } from './transfer';
import { transferProgress, transferResult } from './transfer-report';

/** A stream that is still being dealt is waited for. */
const ACTIVE_DEADLINE_MS = 60_000;

/**
 * Sends a file, or standard input as `-`, through a stream and prints what went through.
 *
 * @throws EkoError `STREAM_ENDED`, `PEER_UNAVAILABLE`, `INVALID_ARGUMENT` for the file
 */
export async function sendFile(
  access: PartyAccess,
  streamId: string,
  file: string,
  terminal: Terminal,
): Promise<void> {
  const { signal } = terminal;
  const source = await openSource(file);
  try {
    await awaitActive(new PartyApi(access, signal), streamId, ACTIVE_DEADLINE_MS, signal);
    const connection = await openDataConnection(access, streamId, signal);
    signal.addEventListener('abort', () => connection.destroy(), { once: true });
    const sent = await sendAll(
      source.stream,
      connection,
      transferProgress(terminal, 'sending', source.sizeBytes),
    );
    transferResult(terminal, 'sent', streamId, sent);
  } finally {
    source.stream.destroy();
  }
}
