import { constants, fsync as fsyncFd } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { codeOf } from '@eko/protocol/node';
import { refuse, unusable, writeError } from '../system-errors';

import { wasClosed } from './closed-descriptor';
import { Device, durable, type ByteTarget } from './device';
import { WholeFile } from './whole-file';

const fsync = promisify(fsyncFd);

/**
 * Opens standard output for `-`, a device or a pipe itself, and for everything else `FILE.partial`, which becomes FILE
 * only when it is whole and durable.
 *
 * @param onPartial - told of what an earlier reception has left
 * @throws EkoError `INVALID_ARGUMENT` for a place that cannot be written, `STORE_FULL`, `BAD_STATE` for a file into
 *   which another reception is under way
 */
export async function openTarget(file: string, onPartial: (text: string) => void): Promise<ByteTarget> {
  if (file === '-') {
    if (!wasClosed(1)) return new StandardOutput();
    throw unusable('standard output', 'is closed', { next: 'name a file, or > /dev/null to keep nothing' });
  }
  // Otherwise all would be received before the system says so.
  if (file === '') throw unusable('a file without a name', 'cannot be written', { next: 'name the file' });
  const present = await stat(file).catch(() => undefined);
  if (present?.isDirectory() === true) throw unusable(file, 'is a folder', { next: 'name a file in it' });
  if (present !== undefined && !present.isFile()) {
    return new Device(file, await openDevice(file));
  }
  return WholeFile.begin(file, onPartial);
}

/** To open a pipe that nobody reads would wait for a reader, and keep the process from ever ending: that is refused. */
async function openDevice(file: string): Promise<FileHandle> {
  const present = await open(file, constants.O_WRONLY | constants.O_NONBLOCK).catch((error: unknown) => {
    throw codeOf(error) === 'ENXIO'
      ? unusable(file, 'is a pipe that nobody reads', { next: 'start its reader first' })
      : unusable(file, 'cannot be written', { cause: error });
  });
  try {
    return await open(file, 'w').catch(refuse(file));
  } finally {
    await present.close();
  }
}

/** Standard output, from which nothing can be taken back. */
class StandardOutput implements ByteTarget {
  constructor() {
    // For other commands a reader that leaves is no failure. Here it is one, and each write tells of it.
    process.stdout.removeAllListeners('error').on('error', () => undefined);
  }

  write(chunk: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      process.stdout.write(chunk, (error) => {
        if (error) reject(writeError('standard output', error));
        else resolve();
      });
    });
  }

  async keep(): Promise<void> {
    await durable('standard output', () => fsync(process.stdout.fd));
  }

  drop(): Promise<void> {
    return Promise.resolve();
  }
}
