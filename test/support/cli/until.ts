import { setTimeout as pause } from 'node:timers/promises';

/** Waits until something is so; fails when it is not in time. */
export async function until(isSo: () => boolean, deadlineMs: number, what: string): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`waited ${deadlineMs} ms for ${what}`);
    await pause(20);
  }
}
