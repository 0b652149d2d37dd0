/** The system's word for a failure, such as `ENOENT`; `unknown error` where it has none. */
export function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'unknown error';
}

/** Tells whether an error of node:fs says that there is no such file. */
export const isMissing = (error: unknown): boolean => codeOf(error) === 'ENOENT';
