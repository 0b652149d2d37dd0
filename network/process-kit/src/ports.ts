import { EkoError } from '@eko/protocol';
import { createServer } from 'node:net';

const HOST = '127.0.0.1';

/** Finds ports that nobody listens on. All are held at once while they are sought, so that none comes twice. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const held = await Promise.all(Array.from({ length: count }, () => hold(0)));
  const ports = held.map(({ port }) => port);
  await Promise.all(held.map((each) => each.release()));
  return ports;
}

/** A port and what it is kept for. */
export interface KeptPort {
  readonly port: number;
  readonly owner: string;
}

/**
 * Checks that kept ports can be taken again.
 *
 * @throws EkoError `INVALID_CONFIG` naming the port and whose it is
 */
export async function checkPortsAreFree(kept: readonly KeptPort[]): Promise<void> {
  await Promise.all(
    kept.map(async ({ port, owner }) => {
      try {
        await (await hold(port)).release();
      } catch (error) {
        throw new EkoError('INVALID_CONFIG', `Port ${port}, kept for ${owner}, is taken by another program`, {
          details: { port, owner },
          cause: error,
        });
      }
    }),
  );
}

interface HeldPort {
  readonly port: number;
  release(): Promise<void>;
}

async function hold(wanted: number): Promise<HeldPort> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: HOST, port: wanted, exclusive: true }, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has an address');
  return {
    port: address.port,
    release: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
      }),
  };
}
