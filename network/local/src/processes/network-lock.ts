import { EkoError } from '@eko/protocol';
import { pause } from '@eko/sdk/node';
import { holdPort } from './free-ports';

const POLL_MS = 100;
/** Long enough for a command that is stopping: the one that waits is a person's next command. */
const WAIT_MS = 5_000;

/**
 * Runs `work` as the only command that changes the network. The lock is a listening port: the system frees it however its
 * holder ends.
 *
 * @param waitMs - how long another holder is waited for
 * @throws EkoError `BAD_STATE` where another command holds it, or another program has the port,
 *   as `holdPort`
 */
export async function withNetworkLock<T>(port: number, work: () => Promise<T>, waitMs = WAIT_MS): Promise<T> {
  const until = performance.now() + waitMs;
  let held = await holdPort(port);
  while (held === undefined && performance.now() < until) {
    await pause(POLL_MS);
    held = await holdPort(port);
  }
  if (held === undefined) {
    throw new EkoError(
      'BAD_STATE',
      `Port ${port} is taken: another command is changing this network, or another program listens there. ` +
        'Wait for it, or choose another --base-port',
      { details: { port } },
    );
  }
  try {
    return await work();
  } finally {
    await held.release();
  }
}
