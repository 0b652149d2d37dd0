import { createServer } from 'node:net';

/** As many as a network of three organisations can have. */
const PORTS = 360;
/** Below what systems hand out by themselves. */
const FIRST = 20_000;
const LAST = 31_000;

/** A base port whose whole range nobody listens on, so that tests run beside a network on the standard ports. */
export async function freeBasePort(from = standardStart()): Promise<number> {
  for (let base = from; base < LAST; base += 500) {
    if (await isFree(base)) return base;
  }
  throw new Error(`no ${PORTS} free ports between ${FIRST} and ${LAST}`);
}

async function isFree(base: number): Promise<boolean> {
  const offsets = [0, 10, 11, 12, 20, 30, 40, 100, 102, 103, 110, 200, 202, 210, 300, 302, 310];
  for (const offset of offsets) {
    const server = createServer();
    const held = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen({ host: '127.0.0.1', port: base + offset, exclusive: true }, () => resolve(true));
    });
    if (!held) return false;
    await new Promise((resolve) => server.close(resolve));
  }
  return true;
}

/** Test files that run side by side, or runs of tests, hardly begin to look at the same place. */
function standardStart(): number {
  const { JEST_WORKER_ID = '1' } = process.env;
  return FIRST + (Number(JEST_WORKER_ID) % 2) * 5_500 + (process.pid % 10) * 500;
}
