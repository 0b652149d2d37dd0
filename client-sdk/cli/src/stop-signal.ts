import { ERROR_CODES } from '@eko/protocol';

/** The signals of a process, as far as stopping needs them. */
export interface SignalSource {
  on(signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP', listener: () => void): unknown;
  exit(status: number): never;
}

/** Aborts on the first Ctrl-C, SIGTERM or SIGHUP, so that all can be put away; the second one ends at once. */
export function stopSignal(source: SignalSource): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) source.exit(ERROR_CODES.CANCELLED.exit);
    controller.abort();
  };
  source.on('SIGINT', stop);
  source.on('SIGTERM', stop);
  source.on('SIGHUP', stop);
  return controller.signal;
}
