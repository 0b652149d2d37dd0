import { EventEmitter, once } from 'node:events';
import { createServer, connect as dial, type AddressInfo, type Server, type Socket } from 'node:net';

/** A line between a client and a ledger that can lose answers and be cut; a client that dials again gets a new one. */
export class CuttableLine {
  /** `host:port` of its near end; once the line is closed, nobody answers there. */
  readonly address: string;
  readonly #server: Server;
  readonly #lost = new EventEmitter();
  readonly #open = new Set<Socket>();
  #losesAnswers = false;
  /** How many more pieces come back before the rest is lost. */
  #answersLeft = Number.POSITIVE_INFINITY;

  private constructor(server: Server) {
    const { address, port } = server.address() as AddressInfo;
    this.address = `${address}:${port}`;
    this.#server = server;
  }

  /** Lays a line to `host:port`. */
  static async to(address: string): Promise<CuttableLine> {
    const at = address.lastIndexOf(':');
    const [host, port] = [address.slice(0, at), Number(address.slice(at + 1))];
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const line = new CuttableLine(server);
    server.on('connection', (near) => line.#join(near, dial(port, host)));
    return line;
  }

  /** From now on nothing comes back over connections that are open. */
  loseAnswers(): void {
    this.#losesAnswers = true;
  }

  /** Loses whatever comes back after so many pieces of it, over connections that are open and over later ones. */
  loseAnswersAfter(pieces: number): void {
    this.#answersLeft = pieces;
  }

  /** Resolves once something that came back was lost. */
  async untilLost(): Promise<void> {
    await once(this.#lost, 'lost');
  }

  /** Cuts every connection; later ones are whole. */
  cut(): void {
    for (const socket of this.#open) socket.destroy();
    this.#losesAnswers = false;
    this.#answersLeft = Number.POSITIVE_INFINITY;
  }

  async close(): Promise<void> {
    this.cut();
    if (!this.#server.listening) return;
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
        if (from === near) to.write(bytes);
        else if (this.#answersLeft-- > 0 && !this.#losesAnswers) to.write(bytes);
        else this.#lost.emit('lost');
      });
      from.on('error', () => from.destroy());
      from.on('close', () => {
        this.#open.delete(from);
        to.destroy();
      });
    }
  }
}
