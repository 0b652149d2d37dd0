import {
  formatBytes,
  formatMs,
  formatRate,
  openSource,
  openTarget,
  transferProgress,
  type Terminal,
} from '@eko/command';
import {
  PartyApi,
  TransferClient,
  receiveAll,
  sendAll,
  type PartyAccess,
  type TransferOptions,
  type Transferred,
} from '@eko/sdk/rest';
import { EkoError, isEkoError } from '@eko/protocol';
import { awaitActive } from './await-stream';

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

/** Prints what went through. */
function transferResult(
  terminal: Terminal,
  verb: 'sent' | 'received',
  streamId: string,
  { bytes, sha256, milliseconds }: Transferred,
  more: Readonly<Record<string, boolean>> = {},
): void {
  terminal.result({ streamId, bytes, sha256, milliseconds: Math.round(milliseconds), ...more }, [
    `${verb} ${formatBytes(bytes)} in ${formatMs(milliseconds)} (${formatRate(bytes, milliseconds)})`,
    `SHA-256 ${sha256}`,
  ]);
}

/** A wait that is longer than this is told of, and for whom it is. */
const QUIET_MS = 700;

/** What both directions of a transfer begin with. */
interface AwaitedTransfer {
  readonly client: TransferClient;
  readonly options: TransferOptions;
  /** The error with what a person can do, where the other side has not come. */
  readonly explain: (error: unknown) => unknown;
}

/**
 * Waits until a stream is active; what is left of the time is for the other side, of whom a person is told.
 *
 * @param theirs - what the other side has to do
 * @throws EkoError as `awaitActive`
 */
async function awaitTransfer(
  access: PartyAccess,
  streamId: string,
  theirs: 'send' | 'receive',
  timeoutSeconds: number,
  terminal: Terminal,
): Promise<AwaitedTransfer> {
  const { signal } = terminal;
  const untilMs = performance.now() + timeoutSeconds * 1_000;
  const api = new PartyApi(access, signal);
  const { role, provider, initiator } = await awaitActive(
    api,
    streamId,
    timeoutSeconds * 1_000,
    signal,
    (text) => terminal.note(text),
  );
  const peer = role === 'initiator' ? provider : initiator;
  let isTold = false;
  let isThere = false;
  const timer = setTimeout(() => {
    isTold = true;
    terminal.note(`waiting for ${peer} to ${theirs} on ${streamId}, at most ${timeoutSeconds} s`);
  }, QUIET_MS);
  timer.unref();
  const onOpen = (): void => {
    clearTimeout(timer);
    isThere = true;
    if (isTold) terminal.note(`${peer} is there`);
  };
  const waitSeconds = Math.max(0, Math.ceil((untilMs - performance.now()) / 1_000));
  return {
    client: new TransferClient(access, api),
    options: { waitSeconds, signal, onOpen },
    explain: (error) => {
      // Without an address it is the party's own word, not that the party is away.
      if (isThere || !isEkoError(error, 'PEER_UNAVAILABLE') || 'address' in error.details) return error;
      const next = `have ${peer} run eko ${theirs} ${streamId} meanwhile, or wait longer: --timeout`;
      return new EkoError(error.code, error.message, { details: { ...error.details, next }, cause: error });
    },
  };
}
