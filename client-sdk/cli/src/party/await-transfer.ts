import { EkoError, isEkoError } from '@eko/protocol';
import type { Terminal } from '@eko/command';
import { awaitActive } from './await-stream';
import { PartyApi, TransferClient, type PartyAccess, type TransferOptions } from '@eko/sdk/rest';

/** A wait that is longer than this is told of, and for whom it is. */
const QUIET_MS = 700;

/** What both directions of a transfer begin with. */
export interface AwaitedTransfer {
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
export async function awaitTransfer(
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
