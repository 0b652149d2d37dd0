import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { EKO } from '../../support/processes/eko-process';

/** How a command ended: its status (`null` after a signal), and what it said. */
export interface TransferEnd {
  readonly status: number | null;
  /** The hash that it printed, hex. */
  readonly sha256: string | undefined;
  /** The code of its failure. */
  readonly code: string | undefined;
  /** What it says of that code. */
  readonly reason: string | undefined;
  readonly stdout: Buffer;
  readonly stderr: string;
}

const DEADLINE_MS = 60_000;

/** `eko send` or `eko receive` as a process of its own; what a test writes to its standard input is sent. */
export class TransferProcess {
  readonly ended: Promise<TransferEnd>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #timer: NodeJS.Timeout;
  readonly #stdout: Buffer[] = [];
  #stderr = '';

  /** @param shell - runs the command by this line of `sh`, in which `"$@"` stands for it */
  constructor(args: readonly string[], shell = 'exec "$@"') {
    this.#child = spawn('sh', ['-c', shell, 'sh', process.execPath, EKO, ...args]);
    this.#child.stdin.on('error', () => undefined);
    this.#child.stdout.on('data', (chunk: Buffer) => this.#stdout.push(chunk));
    this.#child.stderr.on('data', (chunk: Buffer) => {
      this.#stderr += chunk.toString();
    });
    this.#timer = setTimeout(() => this.#child.kill('SIGKILL'), DEADLINE_MS);
    this.ended = this.#end();
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new RangeError('the command did not start');
    return pid;
  }

  /** Waits until it says something on standard error. */
  async says(text: string): Promise<void> {
    while (!this.#stderr.includes(text)) {
      const ended = this.ended.then(({ stderr }) => {
        throw new Error(`it ended before it said "${text}": ${stderr}`);
      });
      await Promise.race([once(this.#child.stderr, 'data'), ended]);
    }
  }

  /** Gives it bytes to send; resolves when it has taken them, or has ended. */
  async feed(bytes: Uint8Array): Promise<void> {
    if (this.#child.stdin.write(bytes)) return;
    const taken = once(this.#child.stdin, 'drain').catch(() => this.ended);
    await Promise.race([taken, this.ended]);
  }

  /** Ends its standard input. */
  endInput(): void {
    this.#child.stdin.end();
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async #end(): Promise<TransferEnd> {
    const [status] = (await once(this.#child, 'close')) as [number | null];
    clearTimeout(this.#timer);
    const stdout = Buffer.concat(this.#stdout);
    const stderr = this.#stderr;
    const [, code, reason] = /^eko: ([A-Z_]+): (.*)$/m.exec(stderr) ?? [];
    const [, sha256] = /^SHA-256 ([0-9a-f]{64})$/m.exec(stdout.toString('latin1')) ?? [];
    return { status, sha256, code, reason, stdout, stderr };
  }
}
