import { ProcessLock } from '@eko/command';
import { EkoError } from '@eko/protocol';
import { isMissing } from '@eko/protocol/node';
import { pause } from '@eko/sdk/node';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

const POLL_MS = 50;
/** Long enough for a command that is stopping: the one that waits is a person's next command. */
const WAIT_MS = 5_000;

/** How another holder is waited for. */
export interface LockPatience {
  readonly waitMs?: number;
  /** Asked while another holds it; what it throws ends the wait. */
  readonly whileHeld?: () => Promise<void>;
}

/**
 * Takes the one lock of a network of this machine, which whoever brings it up, changes or clears it holds. The directory
 * is made where there is none.
 *
 * @throws EkoError `BAD_STATE` where another command holds it for longer than is waited
 */
export async function takeNetworkLock(
  directory: string,
  { waitMs = WAIT_MS, whileHeld = async () => undefined }: LockPatience = {},
): Promise<ProcessLock> {
  const until = performance.now() + waitMs;
  for (;;) {
    const lock = await takeOnce(directory);
    if (lock !== undefined) return lock;
    await whileHeld();
    if (performance.now() >= until) throw busyError(directory);
    await pause(POLL_MS);
  }
}

/**
 * Runs `work` as the only command that changes the network of a directory. Where there is no directory, there is nothing
 * to guard.
 *
 * @throws EkoError as `takeNetworkLock`
 */
export async function withNetworkLock<T>(
  directory: string,
  work: () => Promise<T>,
  patience?: LockPatience,
): Promise<T> {
  if (!existsSync(directory)) return work();
  const lock = await takeNetworkLock(directory, patience);
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

/** Whether a network is being brought up, changed or cleared, or runs under whoever brought it up. */
export function isNetworkLocked(directory: string): Promise<boolean> {
  return ProcessLock.isHeld(lockFile(directory));
}

async function takeOnce(directory: string): Promise<ProcessLock | undefined> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  try {
    return await ProcessLock.take(lockFile(directory));
  } catch (error) {
    // Whoever held it until now was clearing the directory, and has removed it.
    if (isMissing(error)) return undefined;
    throw error;
  }
}

const lockFile = (directory: string): string => join(directory, 'network.lock');

function busyError(directory: string): EkoError {
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
