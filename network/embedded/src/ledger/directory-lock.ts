import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { createServer } from 'node:net';
import { EkoError } from '@eko/protocol';

/** One process's hold on a directory. */
export interface DirectoryLock {
  release(): Promise<void>;
}

/**
 * Takes a directory for this process alone, by a name in the system's abstract socket space: the system drops it with
 * the process, however that ends. Where there is no such space (other systems than Linux) nothing is held.
 *
 * @throws EkoError `INVALID_CONFIG` if another process has it
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  if (process.platform !== 'linux') return { release: async () => undefined };
  const name = createHash('sha256')
    .update(await realpath(directory))
    .digest('hex');
  const server = createServer((socket) => socket.destroy());
  server.unref();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      reject(new EkoError('INVALID_CONFIG', 'another process uses this ledger directory', { cause }));
    });
    server.listen(`\0eko-ledger-${name}`, resolve);
  });
  return {
    release: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
      }),
  };
}
