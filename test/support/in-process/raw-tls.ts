import { once } from 'node:events';
import { createServer, connect as connectTcp, type AddressInfo, type Server, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { STREAM_ALPN } from '@eko/protocol/crypto';

/** How an attempt by a bare TLS client ended: it received bytes, or the connection closed, with an error or without. */
export type Attempt =
  { readonly kind: 'served'; readonly bytes: Buffer } | { readonly kind: 'closed'; readonly code: string };

/** Options of a bare client that knows the key: what the profile does, without its checks. */
export const pskOptions = (psk: Buffer, identity: string): ConnectionOptions => ({
  minVersion: 'TLSv1.3',
  ALPNProtocols: [STREAM_ALPN],
  pskCallback: () => ({ psk, identity }),
  checkServerIdentity: () => undefined,
});

/** A bare TLS client, for what connectSecureStream refuses to do. */
export function dialTls(port: number, options: ConnectionOptions): TLSSocket {
  return connectTls({ port, host: '127.0.0.1', ...options }).on('error', () => undefined);
}

/** Connects and waits for the first bytes or the close. Sends nothing by itself. */
export async function attemptTls(port: number, options: ConnectionOptions): Promise<Attempt> {
  const socket = dialTls(port, options);
  let code = 'none';
  socket.once('error', (error: NodeJS.ErrnoException) => {
    code = error.code ?? error.message;
  });
  const [bytes] = (await Promise.race([
    once(socket, 'data').catch(() => []),
    new Promise((resolve) => socket.once('close', () => resolve([]))),
  ])) as [Buffer?];
  socket.destroy();
  return bytes === undefined ? { kind: 'closed', code } : { kind: 'served', bytes };
}

/** Listens on a free port of 127.0.0.1. */
export async function listenLocally(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** A TCP relay. */
export interface Relay {
  readonly port: number;
  /** Ends both TCP connections in order, as a network that lies can: each side sees the other one hang up. */
  cut(): void;
  close(): Promise<void>;
}

/** A TCP relay in front of `port`. `onFlight` sees each chunk of the client, and may act before it is passed on. */
export async function relayTo(
  port: number,
  onFlight: (index: number) => void | Promise<void> = () => undefined,
): Promise<Relay> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connectTcp(port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    upstream.pipe(client);
    client.once('close', () => upstream.destroy());
    upstream.once('close', () => client.destroy());
    void (async () => {
      let index = 0;
      for await (const chunk of client) {
        await onFlight(index);
        index += 1;
        upstream.write(chunk as Buffer);
      }
    })().catch(() => upstream.destroy());
  });
  const relayPort = await listenLocally(server);
  return {
    port: relayPort,
    cut: () => {
      for (const socket of sockets) socket.unpipe().end();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
