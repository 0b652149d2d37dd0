import { BundleId, EkoError, parseWith } from '@eko/protocol';
import { readTextFile } from '@eko/protocol/node';

const MOST_BYTES = 64 * 1024 * 1024;

/**
 * The bundles of a file, one ID a line.
 *
 * @param file - none where it is `undefined`
 * @throws EkoError `NOT_FOUND`, `TOO_LARGE`, `INVALID_ARGUMENT` for a line that is no bundle's ID
 */
export async function readAcknowledged(file: string | undefined): Promise<readonly string[]> {
  if (file === undefined) return [];
  const text = await readTextFile(file, MOST_BYTES).catch((cause: unknown) => {
    throw new EkoError('NOT_FOUND', `${file} cannot be read`, { cause });
  });
  if (text === undefined) throw new EkoError('TOO_LARGE', `${file} is larger than ${MOST_BYTES} bytes`);
  const lines = text.split('\n');
  return lines.filter((line) => line !== '').map((line) => parseWith(BundleId, line, `A line of ${file}`));
}
