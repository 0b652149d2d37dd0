import { createReadStream } from 'node:fs';
import { EkoError } from '@eko/protocol';

const LINE_FEED = 0x0a;
/** A longer line ends the reading: it may have no end. */
const MOST_PASSED_OVER = 64 * 1024 * 1024;

/**
 * The lines of a text file, UTF-8, without what ends them (`\n` or `\r\n`); `undefined` for one of more than
 * `maxLineBytes`, which is passed over. No more than a line and a chunk is in memory.
 *
 * @throws EkoError `NOT_FOUND` where it cannot be read, or not to its end; `TOO_LARGE` at a line of more than 64 MiB
 */
export async function* fileLines(path: string, maxLineBytes: number): AsyncGenerator<string | undefined> {
  let rest: Buffer = Buffer.alloc(0);
  /** Bytes of a line that is too long, which were let go. */
  let passedOver = 0;
  const lineOf = (line: Buffer): string | undefined =>
    passedOver > 0 || line.length > maxLineBytes ? undefined : textOf(line);
  for await (const chunk of chunksOf(path)) {
    const bytes = Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, start)) {
      yield lineOf(bytes.subarray(start, end));
      passedOver = 0;
      start = end + 1;
    }
    rest = bytes.subarray(start);
    if (passedOver === 0 && rest.length <= maxLineBytes) continue;
    passedOver += rest.length;
    rest = Buffer.alloc(0);
    if (passedOver > MOST_PASSED_OVER) throw new EkoError('TOO_LARGE', `${path} has a line without an end`);
  }
  if (passedOver > 0 || rest.length > 0) yield lineOf(rest);
}

async function* chunksOf(path: string): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of createReadStream(path)) yield chunk as Buffer;
  } catch (cause) {
    throw new EkoError('NOT_FOUND', `${path} cannot be read to its end`, { cause });
  }
}

function textOf(line: Buffer): string {
  return line.toString('utf8').replace(/\r$/, '');
}
