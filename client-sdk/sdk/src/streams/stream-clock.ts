/** Time as the secure stream needs it; a test passes its own. */
export interface StreamClock {
  /** Wall-clock time, to compare with `notAfterUnixMs`. */
  nowUnixMs(): number;
  /** Time that never jumps, to measure spans. */
  monotonicMs(): number;
  /** Runs `task` once after `delayMs`; the answer cancels it. */
  schedule(delayMs: number, task: () => void): () => void;
}

/** The longest delay that a Node timer keeps; a longer one would fire at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The process's own clock. Its timers do not keep the process alive. */
export const systemStreamClock: StreamClock = {
  nowUnixMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  schedule(delayMs, task) {
    const timer = setTimeout(task, Math.min(Math.max(delayMs, 0), LONGEST_TIMER_MS)).unref();
    return () => {
      clearTimeout(timer);
    };
  },
};
