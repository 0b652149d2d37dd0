import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { EkoError } from '@eko/protocol';

const OTHERS = 0o077;

/**
 * Reads a file that only its owner may see, into a buffer of its own (never one of Node's shared pool).
 *
 * @throws EkoError `INVALID_CONFIG` naming the file if it is missing, readable for others, no plain file or too large
 */
export function readPrivateFile(file: string, maxBytes: number): Uint8Array {
  let descriptor: number;
  try {
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    throw refusal(file, 'cannot be opened: it is missing, a link or not yours', error);
  }
  try {
    const { mode, size, isPlain } = statsOf(descriptor);
    if (!isPlain) throw refusal(file, 'is not a plain file');
    if ((mode & OTHERS) !== 0) throw refusal(file, 'can be read by others: chmod 600 it');
    if (size > maxBytes) throw refusal(file, `is larger than ${maxBytes} bytes`);
    const bytes = new Uint8Array(size);
    if (readSync(descriptor, bytes, 0, size, 0) !== size) throw refusal(file, 'changed while it was read');
    return bytes;
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Refuses a folder that others may enter.
 *
 * @throws EkoError `INVALID_CONFIG` naming the folder
 */
export function checkPrivateFolder(directory: string): void {
  let mode: number;
  try {
    mode = statSync(directory).mode;
  } catch (error) {
    throw refusal(directory, 'is missing', error);
  }
  if ((mode & OTHERS) !== 0) throw refusal(directory, 'can be entered by others: chmod 700 it');
}

function statsOf(descriptor: number): { mode: number; size: number; isPlain: boolean } {
  const stats = fstatSync(descriptor);
  return { mode: stats.mode, size: stats.size, isPlain: stats.isFile() };
}

const refusal = (file: string, why: string, cause?: unknown): EkoError =>
  new EkoError('INVALID_CONFIG', `${file} ${why}`, { details: { file }, cause });
