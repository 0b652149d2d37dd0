import { formatBytes, formatMs, formatRate, type Terminal } from '@eko/command';
import type { Transferred, TransferListener } from './transfer';

/** Draws a transfer's progress; one of unknown size shows its bytes only. */
export function transferProgress(terminal: Terminal, label: string, sizeBytes?: number): TransferListener {
  const startedMs = performance.now();
  return (bytes) => {
    const rate = formatRate(bytes, performance.now() - startedMs);
    const detail = `${formatBytes(bytes)}  ${rate}`;
    const total = sizeBytes ?? Math.max(bytes, 1);
    terminal.progress.show({ label, done: sizeBytes === undefined ? 0 : bytes, total, detail });
  };
}

/** Prints what went through. */
export function transferResult(
  terminal: Terminal,
  verb: 'sent' | 'received',
  streamId: string,
  { bytes, sha256, milliseconds }: Transferred,
  more: Readonly<Record<string, boolean>> = {},
): void {
  terminal.result({ streamId, bytes, sha256, milliseconds: Math.round(milliseconds), ...more }, [
    `${verb} ${formatBytes(bytes)} in ${formatMs(milliseconds)} (${formatRate(bytes, milliseconds)})`,
    `SHA-256 ${sha256}`,
  ]);
}
