import { randomBytes, createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { Readable, Writable } from 'node:stream';
import { receiveAll, sendAll } from '../../../client-sdk/cli/src/party/transfer';

/** Both ends of a TCP connection of this machine, either of which may end its direction alone. */
async function socketPair(): Promise<readonly [Socket, Socket]> {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const arrived = once(server, 'connection') as Promise<[Socket]>;
  const one = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  const [other] = await arrived;
  server.close();
  return [one, other];
}

const silent = (): void => undefined;

describe('a transfer', () => {
  it('brings every byte over and says the same of them at both ends', async () => {
    const data = randomBytes(3_000_001);
    const [a, b] = await socketPair();
    const chunks: Buffer[] = [];
    const target = new Writable({
      write(chunk: Buffer, _encoding, done) {
        chunks.push(chunk);
        done();
      },
    });
    const [sent, received] = await Promise.all([
      sendAll(Readable.from([data]), a, silent),
      receiveAll(b, target, silent),
    ]);
    expect(Buffer.concat(chunks).equals(data)).toBe(true);
    const sha256 = createHash('sha256').update(data).digest('hex');
    expect(sent).toMatchObject({ bytes: data.length, sha256 });
    expect(received).toMatchObject({ bytes: data.length, sha256 });
  });

  it('fails at both ends when it is cut', async () => {
    const [a, b] = await socketPair();
    const endless = new Readable({
      read() {
        this.push(Buffer.alloc(1024));
      },
    });
    let seen = 0;
    const cutLater = (bytes: number): void => {
      seen = bytes;
      if (bytes > 100_000) b.resetAndDestroy();
    };
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
    const ends = await Promise.allSettled([sendAll(endless, a, silent), receiveAll(b, nowhere, cutLater)]);
    expect(seen).toBeGreaterThan(100_000);
    for (const end of ends) {
      expect(end).toMatchObject({ status: 'rejected', reason: { code: 'PEER_UNAVAILABLE' } });
    }
  });

  it('does not take a sender that the other side left unread for one that was read', async () => {
    const [a, b] = await socketPair();
    b.resetAndDestroy();
    await expect(sendAll(Readable.from([Buffer.alloc(10)]), a, silent)).rejects.toMatchObject({
      code: 'PEER_UNAVAILABLE',
    });
  });
});
