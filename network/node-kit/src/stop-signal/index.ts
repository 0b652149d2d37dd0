/**
 * What a program loads before anything else, so that it heeds signals from its first line on.
 *
 * @packageDocumentation
 */

/** Where a process hears of signals. */
export interface SignalSource {
  on(event: 'SIGTERM' | 'SIGINT', listener: () => void): unknown;
}

/**
 * Heeds SIGTERM and SIGINT from now on: the signal that it answers aborts with the first of them. Call it before anything
 * else is loaded, for until then a SIGTERM kills the process, or does nothing where it is the first of a container. This
 * file imports nothing.
 */
export function heedStopSignals(host: SignalSource): AbortSignal {
  const stopping = new AbortController();
  const stop = (): void => {
    stopping.abort();
  };
  host.on('SIGTERM', stop);
  host.on('SIGINT', stop);
  return stopping.signal;
}
