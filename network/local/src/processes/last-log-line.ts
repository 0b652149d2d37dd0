import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { isMissing } from '@eko/protocol/node';

const TAIL_BYTES = 4096;
const MOST_CHARACTERS = 300;

/**
 * The last line of a log, cut to what fits into a message; `undefined` where there is none, or the log cannot be read:
 * the message is about something else.
 *
 * @param sinceByte - where the process in question began to write: what is before are the words of earlier ones
 */
export function lastLogLine(file: string, sinceByte = 0): string | undefined {
  try {
    return linesOf(file, 1, TAIL_BYTES, sinceByte).at(-1)?.slice(0, MOST_CHARACTERS) || undefined;
  } catch {
    return undefined;
  }
}

/**
 * The last lines of a log; none where there is no log.
 *
 * @param count - at most so many
 * @param tailBytes - how far back is looked; a line that begins before is cut
 * @throws whatever the system says of a file that is there and cannot be read
 */
export function lastLogLines(file: string, count: number, tailBytes: number): readonly string[] {
  return linesOf(file, count, tailBytes, 0);
}

function linesOf(file: string, count: number, tailBytes: number, sinceByte: number): readonly string[] {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
  try {
    const { size } = fstatSync(descriptor);
    const tail = Buffer.alloc(Math.min(Math.max(size - sinceByte, 0), tailBytes));
    readSync(descriptor, tail, 0, tail.length, size - tail.length);
    const lines = tail.toString('utf8').trimEnd().split('\n');
    return count === 0 ? [] : lines.slice(-count);
  } finally {
    closeSync(descriptor);
  }
}
