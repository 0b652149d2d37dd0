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
  const { deadlineMs, signal } = limits;
  if (signal?.aborted === true) throw cancelled(what);
  const listen = (cancel: () => void) => {
    signal?.addEventListener('abort', cancel, { once: true });
    return () => signal?.removeEventListener('abort', cancel);
  };
  return untilStopped(what, deadlineMs, listen, work);
}

/**
 * As `withDeadline`, for a caller that says in another way that it is gone.
 *
 * @param listen - is given what cancels the wait, and gives back what ends its listening
 */
export function untilStopped<T>(
  what: string,
  deadlineMs: number,
  listen: (cancel: () => void) => () => void,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const controller = new AbortController();
    const stop = (error: EkoError): void => {
      settle();
      reject(error);
      controller.abort(error);
    };
    const timer = setTimeout(() => {
      stop(overdue(what, deadlineMs));
    }, deadlineMs);
    const deafen = listen(() => {
      stop(cancelled(what));
    });
    const settle = (): void => {
      clearTimeout(timer);
      deafen();
    };
    const fail = (error: unknown): void => {
      settle();
      reject(error);
    };
    try {
      work(controller.signal).then((value) => {
        settle();
        resolve(value);
      }, fail);
    } catch (error) {
      fail(error);
    }
  });
}
