import { EkoError } from '@eko/protocol';

/**
 * The body of an HTTP answer, UTF-8; no more than the limit and a chunk is read of it.
 *
 * @throws EkoError `TOO_LARGE`; what `fetch` says of a body that breaks off or that its signal stops
 */
export async function boundedText(body: AsyncIterable<Uint8Array> | null, maxBytes: number): Promise<string> {
  if (body === null) return '';
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of body) {
    sizeBytes += chunk.length;
    // Leaving the loop cancels the rest of the body.
    if (sizeBytes > maxBytes)
      throw new EkoError('TOO_LARGE', `The answer has more than ${maxBytes} bytes, which no answer has`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
