import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { EKO } from '../cli/eko-process';

/** How a command ended: its status (`null` after a signal), and what it said. */
export interface TransferEnd {
  readonly status: number | null;
  /** The one line of JSON that it printed as its result. */
  readonly result: Readonly<Record<string, unknown>> | undefined;
  /** The code of its failure. */
  readonly code: string | undefined;
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
    this.#child = spawn('sh', ['-c', shell, 'sh', process.execPath, EKO, ...args, '--json']);
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

  /** What it has said so far on standard error. */
  get words(): string {
    return this.#stderr;
  }

  /** Gives it bytes to send; resolves when it has taken them. */
  async feed(bytes: Uint8Array): Promise<void> {
    if (!this.#child.stdin.write(bytes)) await Promise.race([once(this.#child.stdin, 'drain'), this.ended]);
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
    const failure = lastJson(this.#stderr)?.['error'] as { code?: string } | undefined;
    return { status, result: lastJson(stdout.toString()), code: failure?.code, stdout, stderr: this.#stderr };
  }
}

function lastJson(text: string): Readonly<Record<string, unknown>> | undefined {
  const line = text.trim().split('\n').at(-1) ?? '';
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
