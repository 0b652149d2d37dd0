import { ERROR_CODES, EkoError, type ErrorDetails } from '@eko/protocol';

/** A command line that cannot be understood. */
export const USAGE_EXIT = ERROR_CODES.INVALID_ARGUMENT.exit;

/** The exit status of a failure: its code's, from the one table of codes. */
export function exitStatusOf(error: EkoError): number {
  return ERROR_CODES[error.code].exit;
}

/** Anything thrown, as one of ours; a foreign error keeps its text, which is about this machine and this command. */
export function asEkoError(error: unknown): EkoError {
  if (error instanceof EkoError) return error;
  if (error instanceof Error && error.name === 'AbortError') return new EkoError('CANCELLED', 'Stopped');
  const text = error instanceof Error ? error.message : 'something that is no error was thrown';
  const isSystem = error instanceof Error && 'syscall' in error;
  const details = isSystem ? whatHelps(error) : {};
  return new EkoError(isSystem ? 'INVALID_ARGUMENT' : 'INTERNAL', text, { cause: error, details });
}

const NOT_PERMITTED: readonly unknown[] = ['EACCES', 'EPERM', 'EROFS'];

/** A file that the system refuses is not a question of how the command was written. */
function whatHelps(error: Error): ErrorDetails {
  const isRefused = 'code' in error && NOT_PERMITTED.includes(error.code);
  return isRefused ? { next: 'choose a place where you may write, or give yourself the permission' } : {};
}
