/**
 * Reads what comes in pieces, and never more of it into memory than the limit and a piece.
 *
 * @returns the bytes, or `undefined` where there are more; the rest is then cancelled
 * @throws what the source throws
 */
export async function boundedBytes(
  source: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of source) {
    sizeBytes += chunk.length;
    // Leaving the loop cancels the rest.
    if (sizeBytes > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
