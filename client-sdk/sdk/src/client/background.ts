import { EkoError, isEkoError } from '@eko/protocol';
import type { ClientContext } from './client-context';

/** Reports a failure of work that nobody waits for; a client that closes has none. */
export function reportTrouble(
  context: Pick<ClientContext, 'observer' | 'closing'>,
  error: unknown,
  what: string,
): void {
  if (context.closing.aborted) return;
  const known = isEkoError(error) ? error : new EkoError('INTERNAL', `${what} failed`, { cause: error });
  context.observer.onTrouble?.(known, what);
}
