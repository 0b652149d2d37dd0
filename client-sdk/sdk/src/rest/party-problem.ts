import { EkoError, isErrorCode } from '@eko/protocol';

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
