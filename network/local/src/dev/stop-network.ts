import { EkoError } from '@eko/protocol';
import { pause } from '@eko/sdk/node';
import { networkBusy, networkLockHolder, withNetworkLock } from '../processes/network-lock';
import { ASK_DEADLINE_MS, askControl, askStatus } from './control-client';
import type { DevLayout } from './dev-layout';
import { readNetworkFile } from './network-file';
import { stopLeftOver } from './stop-left-over';

/** Stopping is bounded by each process's own grace, one role after the other. */
const STOP_DEADLINE_MS = 40_000;
/** How long whoever has the lock may take until it can be asked. */
const BEGIN_DEADLINE_MS = 5_000;
const POLL_MS = 50;

/**
 * Stops the network that runs on a directory, or is coming up there, and waits until it has ended; and what a starter
 * that was killed has left.
 *
 * @returns whether there was anything to stop
 * @throws EkoError `BAD_STATE` where another command has the network's lock and cannot be asked, `DEADLINE_EXCEEDED`,
 *   `CANCELLED`
 */
export async function stopNetwork(layout: DevLayout, signal: AbortSignal): Promise<boolean> {
  const holder = await networkLockHolder(layout.directory);
  if (!(await askToStop(layout, holder, signal))) return stopRest(layout, signal);
  const until = performance.now() + STOP_DEADLINE_MS;
  // It gives its lock back when the last of its processes is gone.
  while (
    holder === undefined ? await isAnswering(layout) : (await networkLockHolder(layout.directory)) === holder
  ) {
    if (performance.now() >= until)
      throw new EkoError('DEADLINE_EXCEEDED', `The network has not stopped within ${STOP_DEADLINE_MS} ms`);
    await pauseUnlessAborted(signal);
  }
  return true;
}

/** Asks whoever has the lock, as soon as it can be asked; whether there was one. */
async function askToStop(
  layout: DevLayout,
  holder: string | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const until = performance.now() + BEGIN_DEADLINE_MS;
  for (;;) {
    // Also where nobody has the lock: somebody may have removed it.
    if ((await askControl(layout, { act: 'stop' }, ASK_DEADLINE_MS)) !== undefined) return true;
    if (holder === undefined || (await networkLockHolder(layout.directory)) !== holder) return false;
    if (performance.now() >= until) throw networkBusy(layout.directory);
    await pauseUnlessAborted(signal);
  }
}

async function stopRest(layout: DevLayout, signal: AbortSignal): Promise<boolean> {
  // Where there is no network of ours, nothing is looked for, and nothing written.
  if ((await readNetworkFile(layout).catch(() => undefined)) === undefined) return false;
  const stopped = await withNetworkLock(layout.directory, () => stopLeftOver(layout), { signal });
  return stopped.length > 0;
}

async function isAnswering(layout: DevLayout): Promise<boolean> {
  return (await askStatus(layout)) !== undefined;
}

async function pauseUnlessAborted(signal: AbortSignal): Promise<void> {
  await pause(POLL_MS, signal);
  if (signal.aborted) throw new EkoError('CANCELLED', 'The network is stopping; nobody waits for it now');
}
