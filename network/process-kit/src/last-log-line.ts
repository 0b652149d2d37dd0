import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const TAIL_BYTES = 4096;
const MOST_CHARACTERS = 300;

/** The last line of a log, cut to what fits into a message; `undefined` where there is none. */
export function lastLogLine(file: string): string | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch {
    return undefined;
  }
  try {
    const { size } = fstatSync(descriptor);
    const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
    readSync(descriptor, tail, 0, tail.length, size - tail.length);
    return tail.toString('utf8').trimEnd().split('\n').at(-1)?.slice(0, MOST_CHARACTERS) || undefined;
  } finally {
    closeSync(descriptor);
  }
}
