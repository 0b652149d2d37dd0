import { EkoError } from '@eko/protocol';
import { boundedBytes } from '@eko/protocol/node';

/**
 * The body of an HTTP answer, UTF-8; no more than the limit and a chunk is read of it.
 *
 * @throws EkoError `TOO_LARGE`; what `fetch` says of a body that breaks off or that its signal stops
 */
export async function boundedText(body: AsyncIterable<Uint8Array> | null, maxBytes: number): Promise<string> {
  if (body === null) return '';
  const bytes = await boundedBytes(body, maxBytes);
  if (bytes !== undefined) return bytes.toString('utf8');
  throw new EkoError('TOO_LARGE', `The answer has more than ${maxBytes} bytes, which no answer has`);
}
