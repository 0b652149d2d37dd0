import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const TAIL_BYTES = 4096;
const MOST_CHARACTERS = 300;

/** The last line of a log, cut to what fits into a message; `undefined` where there is none. */
export function lastLogLine(file: string): string | undefined {
  return lastLogLines(file, 1, TAIL_BYTES).at(-1)?.slice(0, MOST_CHARACTERS) || undefined;
}

/**
 * The last lines of a log; none where there is no log.
 *
 * @param count - at most so many
 * @param tailBytes - how far back is looked; a line that begins before is cut
 */
export function lastLogLines(file: string, count: number, tailBytes: number): readonly string[] {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch {
    return [];
  }
  try {
    const { size } = fstatSync(descriptor);
    const tail = Buffer.alloc(Math.min(size, tailBytes));
    readSync(descriptor, tail, 0, tail.length, size - tail.length);
    const lines = tail.toString('utf8').trimEnd().split('\n');
    return count === 0 ? [] : lines.slice(-count);
  } finally {
    closeSync(descriptor);
  }
}
