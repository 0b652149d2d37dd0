/** Bytes for people: `101.5 MB`. */
export function formatBytes(bytes: number): string {
  if (Math.round(bytes) < 1_000) return `${Math.round(bytes)} B`;
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(1)} kB`;
  if (bytes < 1_000_000_000) return `${(bytes / 1_000_000).toFixed(1)} MB`;
  return `${(bytes / 1_000_000_000).toFixed(2)} GB`;
}

/** A span of time for people: `12 ms`, `3.42 s`. */
export function formatMs(milliseconds: number): string {
  if (milliseconds < 10) return `${milliseconds.toFixed(1)} ms`;
  return milliseconds < 1_000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1_000).toFixed(2)} s`;
}

/** Speed for people. */
export function formatRate(bytes: number, milliseconds: number): string {
  return milliseconds <= 0 ? '-' : `${formatBytes((bytes * 1_000) / milliseconds)}/s`;
}
