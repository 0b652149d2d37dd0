import { readFile, stat } from 'node:fs/promises';
import { EkoError, isErrorCode } from '@eko/protocol';
import { boundedBytes, isMissing } from '@eko/protocol/node';

/** Where a party's REST API is, and the token that opens it. */
export interface PartyAccess {
  /** Its origin, such as `http://127.0.0.1:8080`. */
  readonly address: URL;
  /** A bearer token of its token file: a secret. */
  readonly token: string;
}

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

const MOST_CHARACTERS = 500;

/** A party's `application/problem+json`, or whatever it sent instead, as the error that it stands for. */
export function problemOf(status: number, text: string): EkoError {
  const problem = fieldsOf(text);
  const code = problem.get('code');
  const detail = problem.get('detail');
  if (typeof code !== 'string' || !isErrorCode(code)) {
    return new EkoError('PEER_UNAVAILABLE', `The party answered with HTTP ${status} and no reason`);
  }
  const message = typeof detail === 'string' ? detail.slice(0, MOST_CHARACTERS) : `HTTP ${status}`;
  return new EkoError(code, message, { details: { status } });
}

function fieldsOf(text: string): ReadonlyMap<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);
  } catch {
    return new Map();
  }
}

/** The error of a party that cannot be reached. */
export function unreachable({ address }: PartyAccess, cause: unknown): EkoError {
  return new EkoError('PEER_UNAVAILABLE', `No party answers at ${address.origin}`, {
    details: { address: address.origin },
    cause,
  });
}

/** The error of a party that takes a connection and says nothing. */
export function silentError({ address: { origin } }: PartyAccess, what = 'does not answer'): EkoError {
  const next =
    'see whether that party runs (its log; eko dev status), restart it if it hangs, then run this again';
  return new EkoError('DEADLINE_EXCEEDED', `The party at ${origin} ${what}`, {
    details: { address: origin, next },
  });
}
