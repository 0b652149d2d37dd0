import { EkoError } from '@eko/protocol';
import { pause } from '@eko/sdk/node';
import { askControl, isGone } from './control-client';
import type { DevLayout } from './dev-layout';

const ASK_DEADLINE_MS = 5_000;
/** Stopping is bounded by each process's own grace, one role after the other. */
const STOP_DEADLINE_MS = 40_000;
const POLL_MS = 50;

/**
 * Stops the network that runs on a directory and waits until it has ended.
 *
 * @returns whether one was running
 * @throws EkoError `DEADLINE_EXCEEDED`, `CANCELLED`
 */
export async function stopRunning(layout: DevLayout, signal: AbortSignal): Promise<boolean> {
  if ((await askControl(layout, { act: 'stop' }, ASK_DEADLINE_MS)) === undefined) return false;
  const until = performance.now() + STOP_DEADLINE_MS;
  while (performance.now() < until) {
    if (await isGone(layout)) return true;
    await pause(POLL_MS, signal);
    if (signal.aborted) throw new EkoError('CANCELLED', 'The network is stopping; nobody waits for it now');
  }
  throw new EkoError('DEADLINE_EXCEEDED', `The network has not stopped within ${STOP_DEADLINE_MS} ms`);
}
