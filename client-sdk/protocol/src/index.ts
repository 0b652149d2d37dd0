export { ERROR_CODES, EkoError, isEkoError, isErrorCode } from './errors.js';
export type { Blame, ErrorCode, ErrorDetails } from './errors.js';
