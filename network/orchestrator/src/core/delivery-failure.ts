import { ERROR_CODES, type ErrorCode } from '@eko/protocol';

/** What a holder answers that has not seen the bundle, or this node's registration, on the ledger yet. */
const NOT_YET: readonly ErrorCode[] = ['NOT_FOUND', 'UNAUTHENTICATED'];

/**
 * Tells whether a delivery that failed so may succeed when it is tried again. A holder that failed inside has refused
 * nothing.
 */
export function isTransient(code: ErrorCode): boolean {
  const { blame } = ERROR_CODES[code];
  return blame === 'unavailable' || blame === 'internal' || NOT_YET.includes(code);
}
