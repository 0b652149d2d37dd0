import { EkoError } from '@eko/protocol';
import { codeOf } from '@eko/protocol/node';
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

const HOST = '127.0.0.1';

/**
 * Systems take the ports of outgoing connections from 32768 on, or higher: below that, a port that was found free stays
 * so until its program starts, unless another program is started on purpose.
 */
const FIRST = 10_000;
const END = 32_000;
const MOST_TRIES = 1_000;

/**
 * Finds ports that nobody listens on, at random. All are held at once while they are sought, so that none comes twice.
 *
 * @param apart - ports that are kept for something already, though it may not listen yet
 * @throws EkoError `INVALID_CONFIG` where too few are free, or none can be taken
 */
export async function freePorts(count: number, apart: readonly number[] = []): Promise<readonly number[]> {
  const held: HeldPort[] = [];
  try {
    for (let tries = 0; held.length < count; tries += 1) {
      if (tries >= MOST_TRIES + count)
        throw new EkoError(
          'INVALID_CONFIG',
          `Too few ports from ${FIRST} to ${END} are free: stop what listens there`,
        );
      const wanted = randomInt(FIRST, END);
      const port = apart.includes(wanted) ? undefined : await holdPort(wanted);
      if (port !== undefined) held.push(port);
    }
    return held.map(({ port }) => port);
  } finally {
    await Promise.all(held.map((each) => each.release()));
  }
}

/** A port and what it is kept for. */
export interface KeptPort {
  readonly port: number;
  readonly owner: string;
}

/**
 * Checks that kept ports can be taken again.
 *
 * @throws EkoError `INVALID_CONFIG` naming the port and, where another program has it, whose it is
 */
export async function checkPortsAreFree(kept: readonly KeptPort[]): Promise<void> {
  await Promise.all(
    kept.map(async ({ port, owner }) => {
      const held = await holdPort(port);
      if (held === undefined)
        throw new EkoError('INVALID_CONFIG', `Port ${port}, kept for ${owner}, is taken by another program`, {
          details: {
            port,
            owner,
            next: `stop what listens on port ${port}; or make the network anew: eko dev reset, eko fabric reset`,
          },
        });
      await held.release();
    }),
  );
}

/** A port that nobody else can take until it is released. */
interface HeldPort {
  readonly port: number;
  release(): Promise<void>;
}

/**
 * Takes a port, which the system frees however its holder ends; nothing where a program has it.
 *
 * @throws EkoError `INVALID_CONFIG` for what else keeps it from being taken: no program's doing
 */
async function holdPort(port: number): Promise<HeldPort | undefined> {
  const server = createServer((socket) => socket.destroy());
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: HOST, port, exclusive: true }, resolve);
    });
  } catch (error) {
    if (codeOf(error) === 'EADDRINUSE') return undefined;
    throw new EkoError('INVALID_CONFIG', `Port ${port} cannot be taken on this machine`, {
      details: { port },
      cause: error,
    });
  }
  return {
    port,
    release: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
      }),
  };
}
