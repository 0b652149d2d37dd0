import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { boundedBytes } from './bounded-bytes';

/**
 * Reads a text file of at most `maxBytes`, and never more of it into memory: what it is named for may be a device, a pipe
 * or somebody else's gigabytes.
 *
 * @returns the text, UTF-8, or `undefined` where there is more than that
 * @throws what the system says of a file that cannot be read
 */
export async function readTextFile(path: string, maxBytes: number): Promise<string | undefined> {
  // The last byte that is read is the first that is too many.
  const bytes = await boundedBytes(createReadStream(path, { end: maxBytes }), maxBytes);
  return bytes?.toString('utf8');
}

/** `readTextFile` for what is read before a process does anything else. */
export function readTextFileSync(path: string, maxBytes: number): string | undefined {
  const bytes = Buffer.alloc(maxBytes + 1);
  const file = openSync(path, 'r');
  try {
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read)
      read = readSync(file, bytes, length, bytes.length - length, null);
    return length > maxBytes ? undefined : bytes.toString('utf8', 0, length);
  } finally {
    closeSync(file);
  }
}
