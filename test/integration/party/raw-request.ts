import { connect } from 'node:net';

/** Sends bytes as they are to a plain server and collects what comes back until it closes. */
export function exchangePlain(address: string, bytes: Uint8Array | string): Promise<string> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) });
    let received = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => (received += chunk));
    socket.once('error', (error: Error) => {
      if (received === '') reject(error);
    });
    socket.once('close', () => resolve(received));
    socket.write(bytes);
  });
}
