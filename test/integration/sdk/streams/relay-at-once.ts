import { connect as connectTcp, createServer, type Socket } from 'node:net';
import { listenLocally, type Relay } from '../../../support/in-process/raw-tls';

/** A TLS record's content type for what is encrypted. */
const ENCRYPTED = 0x17;
const RECORD_HEADER_BYTES = 5;

/** The offset behind the first encrypted record of a client's bytes: its last of the TLS handshake. */
function endOfHandshake(bytes: Buffer): number | undefined {
  let offset = 0;
  while (offset + RECORD_HEADER_BYTES <= bytes.length) {
    const next = offset + RECORD_HEADER_BYTES + bytes.readUInt16BE(offset + 3);
    if (next > bytes.length) return undefined;
    if (bytes[offset] === ENCRYPTED) return next;
    offset = next;
  }
  return undefined;
}

/**
 * A TCP relay in front of `port` that keeps back all that one side says after the TLS handshake until this side has
 * ended, and delivers it at once: confirmation, data, mark and end come in one segment, as on a network that is late.
 * `onDelivery` runs before that.
 */
export async function relayAtOnce(
  port: number,
  from: 'client' | 'server',
  onDelivery: () => void = () => undefined,
): Promise<Relay> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connectTcp({ port, host: '127.0.0.1', allowHalfOpen: true });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true).on('error', () => undefined);
      socket.once('close', () => {
        client.destroy();
        upstream.destroy();
      });
    }
    let isOpen = false;
    const pass = (side: 'client' | 'server', target: Socket) => {
      const kept: Buffer[] = [];
      return {
        data: (bytes: Buffer) => {
          if (isOpen && side === from) kept.push(bytes);
          else target.write(bytes);
        },
        end: () => {
          if (side === from) onDelivery();
          target.end(Buffer.concat(kept));
        },
      };
    };
    const up = pass('client', upstream);
    const down = pass('server', client);
    let hello = Buffer.alloc(0);
    client.on('data', (bytes: Buffer) => {
      if (isOpen) {
        up.data(bytes);
        return;
      }
      const before = hello.length;
      hello = Buffer.concat([hello, bytes]);
      const offset = endOfHandshake(hello);
      up.data(hello.subarray(before, offset));
      if (offset === undefined) return;
      isOpen = true;
      if (offset < hello.length) up.data(hello.subarray(offset));
    });
    client.once('end', up.end);
    upstream.on('data', down.data).once('end', down.end);
  });
  const relayPort = await listenLocally(server);
  return {
    port: relayPort,
    cut: () => {
      for (const socket of sockets) socket.end();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
