import { closeSync, constants, fsyncSync, openSync, writeSync } from 'node:fs';

/** Writes a new file of mode 0600 and waits until it is on disk; an existing one is refused by the system. */
export function writePrivateFile(file: string, bytes: Uint8Array): void {
  const descriptor = openSync(file, 'wx', 0o600);
  try {
    writeSync(descriptor, bytes);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Waits until a folder's list of files is on disk. */
export function syncFolder(directory: string): void {
  const descriptor = openSync(directory, constants.O_RDONLY);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
