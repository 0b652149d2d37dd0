import { ProcessLock, refuse } from '@eko/command';
import { EkoError } from '@eko/protocol';
import { isMissing } from '@eko/protocol/node';
import { pause } from '@eko/sdk/node';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

const POLL_MS = 50;
/** Long enough for a command that is stopping: the one that waits is a person's next command. */
const WAIT_MS = 5_000;

/** How another holder is waited for. */
export interface LockPatience {
  readonly waitMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** Asked while another holds it; what it throws ends the wait. */
  readonly whileHeld?: () => Promise<void>;
}

/**
 * Takes the one lock of a network of this machine, which whoever brings it up, changes or clears it holds. The directory
 * is made where there is none.
 *
 * @throws EkoError `BAD_STATE` where another command holds it for longer than is waited, `INVALID_ARGUMENT` for a
 *   directory that cannot be written, `CANCELLED`
 */
export async function takeNetworkLock(
  directory: string,
  { waitMs = WAIT_MS, signal, whileHeld = async () => undefined }: LockPatience = {},
): Promise<ProcessLock> {
  const until = performance.now() + waitMs;
  for (;;) {
    const lock = await takeOnce(directory);
    if (lock !== undefined) return lock;
    await whileHeld();
    if (performance.now() >= until) throw networkBusy(directory);
    await pause(POLL_MS, signal);
    if (signal?.aborted === true)
      throw new EkoError('CANCELLED', 'Stopped while another command was changing the network');
  }
}

/**
 * Runs `work` as the only command that changes the network of a directory.
 *
 * @throws EkoError as `takeNetworkLock`
 */
export async function withNetworkLock<T>(
  directory: string,
  work: () => Promise<T>,
  patience?: LockPatience,
): Promise<T> {
  const lock = await takeNetworkLock(directory, patience);
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

/**
 * Who brings a network up, changes or clears it, or has brought it up and runs it; a text to compare. Nothing where
 * nobody does.
 */
export function networkLockHolder(directory: string): Promise<string | undefined> {
  return ProcessLock.holder(lockFile(directory));
}

/** The refusal where another command has the lock. */
export function networkBusy(directory: string): EkoError {
  const file = lockFile(directory);
  return new EkoError(
    'BAD_STATE',
    `Another command is changing the network in ${directory}: ${file} names its process`,
    {
      details: {
        directory,
        file,
        next: 'wait for it to end; if that process is no more, remove the file that names it',
      },
    },
  );
}

async function takeOnce(directory: string): Promise<ProcessLock | undefined> {
  await mkdir(directory, { recursive: true, mode: 0o700 }).catch(refuse(directory));
  try {
    return await ProcessLock.take(lockFile(directory));
  } catch (error) {
    // Whoever held it until now was clearing the directory, and has removed it.
    if (isMissing(error)) return undefined;
    return refuse(directory)(error);
  }
}

const lockFile = (directory: string): string => join(directory, 'network.lock');
