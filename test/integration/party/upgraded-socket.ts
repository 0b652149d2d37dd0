import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { STREAM_UPGRADE } from '@eko/protocol/rest';
import { FramedDuplex } from '@eko/sdk/node';

/** What a party made of a request for an upgrade: the socket after it, or the refusal. */
export type UpgradeOutcome =
  | { readonly socket: FramedDuplex; readonly raw: Socket; readonly status: 101 }
  | {
      readonly socket?: never;
      readonly raw?: never;
      readonly status: number;
      readonly code: string | undefined;
    };

/** Asks for the bytes of a stream, byte by byte as a foreign program would. */
export async function askForUpgrade(options: {
  readonly address: string;
  readonly path: string;
  readonly token: string;
  readonly protocol?: string;
}): Promise<UpgradeOutcome> {
  const { address, path, token, protocol = STREAM_UPGRADE } = options;
  const { hostname, port } = new URL(address);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  socket.write(
    [
      `GET ${path} HTTP/1.1`,
      `host: ${hostname}:${port}`,
      'connection: Upgrade',
      `upgrade: ${protocol}`,
      `authorization: Bearer ${token}`,
      '\r\n',
    ].join('\r\n'),
  );
  let answer = Buffer.alloc(0);
  for (;;) {
    // Read by hand, so that the bytes after the head stay where they are.
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) {
      await once(socket, 'readable');
      continue;
    }
    answer = Buffer.concat([answer, chunk]);
    const end = answer.indexOf('\r\n\r\n');
    const status = Number(answer.subarray(9, 12).toString());
    if (end >= 0 && status === 101) {
      const rest = answer.subarray(end + 4);
      if (rest.length > 0) socket.unshift(rest);
      return { socket: new FramedDuplex(socket), raw: socket, status };
    }
    const [, code] = /"code":"([A-Z_]+)"/.exec(answer.toString()) ?? [];
    if (code !== undefined) {
      socket.destroy();
      return { status, code };
    }
  }
}
