import { EkoError } from '@eko/protocol';
import { codeOf } from '@eko/protocol/node';
import { pause } from '@eko/sdk/node';
import { findProcesses, type RunningProcess } from './process-table';

const POLL_MS = 50;
/** Every process closes its files in much less. */
const GRACE_MS = 8_000;
const KILL_DEADLINE_MS = 10_000;

/**
 * Stops processes of a network and waits until they are gone: SIGTERM, then SIGKILL for what is still there after the
 * grace.
 *
 * @param which - tells which of the directory's processes are meant
 * @returns the labels of those that were stopped
 * @throws EkoError `DEADLINE_EXCEEDED` where the system does not end a killed process
 */
export async function stopProcesses(
  directory: string,
  which: (running: RunningProcess) => boolean,
): Promise<readonly string[]> {
  const present = async (): Promise<readonly RunningProcess[]> =>
    (await findProcesses(directory)).filter(which);
  const first = await present();
  if (first.length === 0) return [];
  for (const { pid, isPaused } of first) {
    sendSignal(pid, 'SIGTERM');
    // A paused process would take the signal only once it goes on.
    if (isPaused) sendSignal(pid, 'SIGCONT');
  }
  const rest = await untilGone(present, GRACE_MS);
  for (const { pid } of rest) sendSignal(pid, 'SIGKILL');
  const left = rest.length === 0 ? [] : await untilGone(present, KILL_DEADLINE_MS);
  if (left.length > 0) {
    throw new EkoError(
      'DEADLINE_EXCEEDED',
      `Processes ${left.map(({ pid }) => pid).join(', ')} do not end: see what holds them, then stop the network again`,
      { details: { processes: left.map(({ label }) => label) } },
    );
  }
  return first.map(({ label }) => label);
}

/** Sends a signal; one to a process that is gone by now does nothing. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}

async function untilGone(
  present: () => Promise<readonly RunningProcess[]>,
  deadlineMs: number,
): Promise<readonly RunningProcess[]> {
  const until = performance.now() + deadlineMs;
  let left = await present();
  while (left.length > 0 && performance.now() < until) {
    await pause(POLL_MS);
    left = await present();
  }
  return left;
}
