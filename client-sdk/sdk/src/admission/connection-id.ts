import type { Socket } from 'node:net';

/**
 * The address and port of the other end: tells an open connection from the others of a port, and is what a TCP socket
 * and the TLS socket over it have in common. Nothing where it is closed already.
 */
export function connectionIdOf(socket: Socket): string | undefined {
  const { remoteAddress, remotePort } = socket;
  return remoteAddress === undefined || remotePort === undefined
    ? undefined
    : `${remoteAddress} ${remotePort}`;
}
