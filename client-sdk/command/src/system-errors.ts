import { EkoError, type ErrorDetails } from '@eko/protocol';
import { codeOf } from '@eko/protocol/node';

/** What the system says where a place is full. */
const NO_ROOM: readonly string[] = ['ENOSPC', 'EDQUOT', 'EFBIG'];

const NO_PERMISSION = 'choose another file or a place where you may write, or give yourself the permission';
const NOT_THERE = 'see whether it is there, and the folder that it is in';

/** What a person can do where the system refuses a file. */
const BY_REFUSAL: Readonly<Record<string, string>> = {
  ENOENT: NOT_THERE,
  ENOTDIR: NOT_THERE,
  EACCES: NO_PERMISSION,
  EPERM: NO_PERMISSION,
  EROFS: NO_PERMISSION,
};

/**
 * The error of a file that cannot be used as it was asked for.
 *
 * @param more - `cause`, what the system said; `next`, what a person can do, where that does not tell
 */
export function unusable(
  file: string,
  why: string,
  { cause, next }: { readonly cause?: unknown; readonly next?: string },
): EkoError {
  const code = cause === undefined ? undefined : codeOf(cause);
  const helps = next ?? (code === undefined ? undefined : BY_REFUSAL[code]);
  return new EkoError('INVALID_ARGUMENT', `${file} ${why}${code === undefined ? '' : ` (${code})`}`, {
    details: { file, ...(helps === undefined ? {} : { next: helps }) },
    cause,
  });
}

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

/** Throws the error of a place that the system refuses. */
export const refuse =
  (file: string) =>
  (error: unknown): never => {
    throw NO_ROOM.includes(codeOf(error))
      ? writeError(file, error)
      : unusable(file, 'cannot be written', { cause: error });
  };

/** Anything thrown, as one of ours; a foreign error keeps its text, which is about this machine and this command. */
export function asEkoError(error: unknown): EkoError {
  if (error instanceof EkoError) return error;
  if (error instanceof Error && error.name === 'AbortError') return new EkoError('CANCELLED', 'Stopped');
  const text = error instanceof Error ? error.message : 'something that is no error was thrown';
  const isSystem = error instanceof Error && 'syscall' in error;
  // A permission that is missing is not a question of how the command was written; that a file is, may be.
  const isRefused = isSystem && BY_REFUSAL[codeOf(error)] === NO_PERMISSION;
  const details: ErrorDetails = isRefused ? { next: NO_PERMISSION } : {};
  return new EkoError(isSystem ? 'INVALID_ARGUMENT' : 'INTERNAL', text, { cause: error, details });
}
