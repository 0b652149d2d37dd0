import { formatBytes, formatRate } from './quantities';
import type { Terminal } from './terminal';

/** Draws a transfer's progress; one of unknown size shows its bytes only. */
export function transferProgress(
  terminal: Terminal,
  label: string,
  sizeBytes?: number,
): (bytes: number) => void {
  const startedMs = performance.now();
  return (bytes) => {
    const rate = formatRate(bytes, performance.now() - startedMs);
    const detail = `${formatBytes(bytes)}  ${rate}`;
    const total = sizeBytes ?? Math.max(bytes, 1);
    terminal.progress.show({ label, done: sizeBytes === undefined ? 0 : bytes, total, detail });
  };
}
