import { EkoError } from '@eko/protocol';
import { isMissing } from '@eko/protocol/node';
import { readFile, stat } from 'node:fs/promises';

const READABLE_FOR_OTHERS = 0o077;
const MAX_TOKEN_BYTES = 16 * 1024;

/**
 * Reads the token that opens a party's REST API: the first line of a file that nobody else may read.
 *
 * @throws EkoError `INVALID_CONFIG` naming the file
 */
export async function readPartyToken(file: string): Promise<string> {
  try {
    const { mode, size } = await stat(file);
    if ((mode & READABLE_FOR_OTHERS) !== 0) throw refusal(file, 'can be read by others: chmod 600 it');
    if (size > MAX_TOKEN_BYTES) throw refusal(file, 'is too large to hold a token');
    const [token] = (await readFile(file, 'utf8')).trim().split('\n');
    if (token === undefined || token === '') throw refusal(file, 'is empty');
    return token.trim();
  } catch (error) {
    if (error instanceof EkoError) throw error;
    throw refusal(file, isMissing(error) ? 'does not exist' : 'cannot be read', error);
  }
}

const refusal = (file: string, why: string, cause?: unknown): EkoError =>
  new EkoError('INVALID_CONFIG', `The token file ${file} ${why}`, { details: { file }, cause });
