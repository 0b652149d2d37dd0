import { formatBytes, formatMs, formatRate, type Terminal } from '@eko/command';
import type { Transferred } from '@eko/sdk/rest';

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
