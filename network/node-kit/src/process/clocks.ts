/** The two clocks of a node: wall time for what the ledger says, monotonic time for every interval. */
export interface Clocks {
  readonly unixMs: () => number;
  readonly monotonicMs: () => number;
}

/** The clocks of this machine. */
export const systemClocks: Clocks = {
  unixMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

/**
 * Runs `work` again and again with a pause between the end of one and the start of the next, until stopped.
 *
 * @param onFailure - told what `work` threw; the next round comes all the same
 * @returns stops it and waits for a round under way
 */
export function repeat(
  work: () => Promise<void>,
  pauseMs: number,
  onFailure: (error: unknown) => void,
): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let round: Promise<void> = Promise.resolve();
  const schedule = (): void => {
    if (stopped) return;
    timer = setTimeout(() => {
      round = work().catch(onFailure).then(schedule);
    }, pauseMs);
    timer.unref();
  };
  schedule();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await round;
  };
}
