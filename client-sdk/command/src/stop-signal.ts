import { ERROR_CODES } from '@eko/protocol';

/** The signals of a process, as far as stopping needs them. */
export interface SignalSource {
  on(signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP', listener: () => void): unknown;
  exit(status: number): never;
}

/** A package manager passes on the Ctrl-C that the terminal has sent already: both are one wish. */
const ONE_WISH_MS = 1_000;

/**
 * Aborts on the first Ctrl-C, SIGTERM or SIGHUP, so that all can be put away; whoever asks again later is impatient, and
 * the process ends at once.
 */
export function stopSignal(source: SignalSource, monotonicMs = () => performance.now()): AbortSignal {
  const controller = new AbortController();
  let firstAtMs = 0;
  const stop = (): void => {
    if (!controller.signal.aborted) {
      firstAtMs = monotonicMs();
      controller.abort();
    } else if (monotonicMs() - firstAtMs > ONE_WISH_MS) {
      source.exit(ERROR_CODES.CANCELLED.exit);
    }
  };
  source.on('SIGINT', stop);
  source.on('SIGTERM', stop);
  source.on('SIGHUP', stop);
  return controller.signal;
}
