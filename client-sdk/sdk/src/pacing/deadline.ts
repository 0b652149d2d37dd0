import { EkoError } from '@eko/protocol';

/** How long a call may take and who may stop it. Every wait of the SDK takes one. */
export interface CallLimits {
  /** Gives up with `DEADLINE_EXCEEDED` after this many milliseconds. */
  readonly deadlineMs?: number;
  /** Gives up with `CANCELLED` when aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** Reads the flag anew: the compiler takes an earlier answer for the present one. */
export function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

/** The error of a wait that its caller stopped. */
export function cancelled(what: string, details: { readonly txId?: string } = {}): EkoError {
  return new EkoError('CANCELLED', `${what} was cancelled by its caller`, { details });
}

/** The error of a wait that took too long. */
function overdue(what: string, deadlineMs: number): EkoError {
  return new EkoError('DEADLINE_EXCEEDED', `${what} did not finish within ${deadlineMs} ms`, {
    details: { what, deadlineMs },
  });
}

/**
 * Runs `work` under a deadline: its signal aborts when the caller cancels or the time is over, and the wait ends then
 * even where `work` does not listen.
 *
 * @throws EkoError `DEADLINE_EXCEEDED` or `CANCELLED`, else whatever `work` throws
 */
export async function withDeadline<T>(
  what: string,
  limits: { readonly deadlineMs: number; readonly signal?: AbortSignal | undefined },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (limits.signal?.aborted === true) throw cancelled(what);
  const controller = new AbortController();
  let stop: (error: EkoError) => void = () => undefined;
  const stopped = new Promise<never>((_resolve, reject) => {
    stop = (error) => {
      reject(error);
      controller.abort(error);
    };
  });
  const timer = setTimeout(() => {
    stop(overdue(what, limits.deadlineMs));
  }, limits.deadlineMs);
  const onAbort = () => {
    stop(cancelled(what));
  };
  limits.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work(controller.signal), stopped]);
  } finally {
    clearTimeout(timer);
    limits.signal?.removeEventListener('abort', onAbort);
  }
}
