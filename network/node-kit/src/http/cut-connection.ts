import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** Breaks a plain TCP connection so that the other end sees a break, and cannot take it for a peaceful end. */
export function cutConnection(connection: Duplex): void {
  if (connection instanceof Socket && !connection.destroyed) connection.resetAndDestroy();
  else connection.destroy();
}
