import { EkoError } from '@eko/protocol';
import { readTextFile, isMissing } from '@eko/protocol/node';
import { X509Certificate } from 'node:crypto';

const MAX_PEM_BYTES = 64 * 1024;

/**
 * Reads a file that holds PEM.
 *
 * @throws EkoError `NOT_FOUND` or `TOO_LARGE` naming the file; what the system says of one that cannot be read
 */
export async function readPemFile(file: string, details: { readonly option?: string } = {}): Promise<string> {
  try {
    const text = await readTextFile(file, MAX_PEM_BYTES);
    if (text !== undefined) return text;
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new EkoError('NOT_FOUND', `There is no file ${file}`, { details });
  }
  throw new EkoError('TOO_LARGE', `${file} has more than 64 KiB: that is no PEM file`, { details });
}

/** Tells whether a text begins with a certificate in PEM. */
export function isCertificatePem(text: string): boolean {
  try {
    return new X509Certificate(text).raw.length > 0;
  } catch {
    // Not one: that is the answer.
    return false;
  }
}
