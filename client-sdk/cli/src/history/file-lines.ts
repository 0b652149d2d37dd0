import { createReadStream } from 'node:fs';
import { EkoError } from '@eko/protocol';

const LINE_FEED = 0x0a;

/**
 * The lines of a text file, UTF-8, without what ends them (`\n` or `\r\n`). No more than a line and a chunk is in memory.
 *
 * @throws EkoError `TOO_LARGE` at a line of more than `maxLineBytes`
 */
export async function* fileLines(path: string, maxLineBytes: number): AsyncGenerator<string> {
  const bounded = (line: Buffer): Buffer => {
    if (line.length <= maxLineBytes) return line;
    throw new EkoError('TOO_LARGE', `${path} has a line of more than ${maxLineBytes} bytes`);
  };
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path)) {
    const bytes = Buffer.concat([rest, chunk as Buffer]);
    let start = 0;
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, start)) {
      yield textOf(bounded(bytes.subarray(start, end)));
      start = end + 1;
    }
    rest = bounded(bytes.subarray(start));
  }
  if (rest.length > 0) yield textOf(rest);
}

function textOf(line: Buffer): string {
  return line.toString('utf8').replace(/\r$/, '');
}
