import { once } from 'node:events';
import { createServer, connect as dial, type AddressInfo, type Server, type Socket } from 'node:net';

/** A line between a client and a ledger that can lose answers and be cut; a client that dials again gets a new one. */
export class CuttableLine {
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  #losesAnswers = false;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Lays a line to `host:port`. */
  static async to(address: string): Promise<CuttableLine> {
    const at = address.lastIndexOf(':');
    const [host, port] = [address.slice(0, at), Number(address.slice(at + 1))];
    const server = createServer();
    const line = new CuttableLine(server);
    server.on('connection', (near) => line.#join(near, dial(port, host)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return line;
  }

  /** `host:port` of its near end. */
  get address(): string {
    const { address, port } = this.#server.address() as AddressInfo;
    return `${address}:${port}`;
  }

  /** From now on nothing comes back over connections that are open. */
  loseAnswers(): void {
    this.#losesAnswers = true;
  }

  /** Cuts every connection; later ones are whole. */
  cut(): void {
    for (const socket of this.#open) socket.destroy();
    this.#losesAnswers = false;
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(near: Socket, far: Socket): void {
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#open.add(from);
      from.on('data', (bytes) => {
        if (from === near || !this.#losesAnswers) to.write(bytes);
      });
      from.on('error', () => from.destroy());
      from.on('close', () => {
        this.#open.delete(from);
        to.destroy();
      });
    }
  }
}
