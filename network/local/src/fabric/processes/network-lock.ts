import { EkoError } from '@eko/protocol';
import { pause } from '@eko/sdk/node';
import { createServer, type Server } from 'node:net';
import { FABRIC_HOST } from '../plan/topology';

const POLL_MS = 100;
/** Long enough for a command that is stopping: the one that waits is a person's next command. */
const WAIT_MS = 5_000;

/**
 * Runs `work` as the only command that changes the network. The lock is a listening port: the system frees it however its
 * holder ends.
 *
 * @param waitMs - how long another holder is waited for
 * @throws EkoError `BAD_STATE` where another command holds it, or another program has the port
 */
export async function withNetworkLock<T>(port: number, work: () => Promise<T>, waitMs = WAIT_MS): Promise<T> {
  const until = performance.now() + waitMs;
  let held = await hold(port);
  while (held === undefined && performance.now() < until) {
    await pause(POLL_MS);
    held = await hold(port);
  }
  if (held === undefined) {
    throw new EkoError(
      'BAD_STATE',
      `Port ${port} is taken: another command is changing this network, or another program listens there. ` +
        'Wait for it, or choose another --base-port',
      { details: { port } },
    );
  }
  const server = held;
  try {
    return await work();
  } finally {
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
  }
}

async function hold(port: number): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen({ host: FABRIC_HOST, port, exclusive: true }, () => resolve(server));
  });
}
