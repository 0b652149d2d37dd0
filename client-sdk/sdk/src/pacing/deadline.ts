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

/** A wait that ends with its work, with its time, or when its caller cancels it. */
export interface BoundedWait<T> {
  readonly what: string;
  readonly deadlineMs: number;
  /** Is given what cancels the wait, and gives back what ends its listening. */
  readonly listen: (cancel: () => void) => () => void;
  /** Begins the work, and gives back what stops it where the wait ends before. */
  readonly begin: (
    resolve: (value: T) => void,
    reject: (error: unknown) => void,
  ) => (reason: EkoError) => void;
}

/**
 * Waits for work that is stopped in its own way, at the price of a timer.
 *
 * @throws EkoError `DEADLINE_EXCEEDED` or `CANCELLED`, else whatever the work is rejected with
 */
export function waitWithin<T>({ what, deadlineMs, listen, begin }: BoundedWait<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    let stopWork: (reason: EkoError) => void = () => undefined;
    const stop = (error: EkoError): void => {
      settle();
      reject(error);
      stopWork(error);
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
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what the work threw is passed on
      reject(error);
    };
    try {
      stopWork = begin((value) => {
        settle();
        resolve(value);
      }, fail);
    } catch (error) {
      fail(error);
    }
  });
}

/** For `BoundedWait`: a signal's abort cancels. */
export function cancelledBy(signal: AbortSignal | undefined): (cancel: () => void) => () => void {
  return (cancel) => {
    signal?.addEventListener('abort', cancel, { once: true });
    return () => signal?.removeEventListener('abort', cancel);
  };
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
  return waitWithin({
    what,
    deadlineMs: limits.deadlineMs,
    listen: cancelledBy(limits.signal),
    begin: (resolve, reject) => {
      const controller = new AbortController();
      work(controller.signal).then(resolve, reject);
      return (reason) => {
        controller.abort(reason);
      };
    },
  });
}
