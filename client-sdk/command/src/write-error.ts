import { EkoError } from '@eko/protocol';
import { codeOf } from '@eko/protocol/node';

/** What the system says where a place is full. */
export const NO_ROOM: readonly string[] = ['ENOSPC', 'EDQUOT', 'EFBIG'];

/** The error of a place that takes no more bytes: what is there is not the whole. */
export function writeError(name: string, error: unknown): EkoError {
  const code = codeOf(error);
  const details = { file: name, next: 'make room there, or name another place; then run it again' };
  if (NO_ROOM.includes(code))
    return new EkoError('STORE_FULL', `No room is left for ${name} (${code})`, { cause: error, details });
  if (code === 'EPIPE')
    return new EkoError('CANCELLED', `Whoever read ${name} has gone before all was there`, { cause: error });
  return new EkoError('INVALID_ARGUMENT', `${name} cannot be written (${code})`, {
    details: { file: name },
    cause: error,
  });
}
