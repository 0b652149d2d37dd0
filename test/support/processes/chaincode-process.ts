import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

const DEADLINE_MS = 20_000;

/** How a chaincode ended, and what it said. */
export interface ChaincodeEnd {
  readonly status: number | null;
  readonly output: string;
}

/** A chaincode that runs as a process of its own, with whatever npm and shells start for it. */
export class ChaincodeProcess {
  static readonly #running = new Set<ChaincodeProcess>();
  readonly #child: ChildProcess;
  readonly #ended: Promise<ChaincodeEnd>;

  constructor(command: readonly string[], folder: string, env: Readonly<Record<string, string>>) {
    const [program = '', ...args] = command;
    const { PATH = '', HOME = '' } = process.env;
    this.#child = spawn(program, args, {
      cwd: folder,
      // Nothing else of this process's environment: a container has none of it.
      env: { PATH, HOME, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    ChaincodeProcess.#running.add(this);
    let output = '';
    this.#child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    this.#child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    this.#ended = new Promise((resolve) => {
      this.#child.once('close', (status) => {
        ChaincodeProcess.#running.delete(this);
        resolve({ status, output });
      });
    });
  }

  /** Waits for its end. */
  async end(): Promise<ChaincodeEnd> {
    const late = once(AbortSignal.timeout(DEADLINE_MS), 'abort').then(() => {
      throw new Error(`the chaincode still runs after ${DEADLINE_MS} ms`);
    });
    return Promise.race([this.#ended, late]);
  }

  /** Asks it to stop, as a container's engine does, and waits until it has. */
  async stop(): Promise<ChaincodeEnd> {
    this.#child.kill('SIGTERM');
    return this.end();
  }

  /** Kills whatever a test has left, and waits until it is gone. */
  static async killAll(): Promise<void> {
    for (const each of [...ChaincodeProcess.#running]) {
      const { pid } = each.#child;
      // The whole group: npm starts a shell, which starts the chaincode.
      if (pid !== undefined) process.kill(-pid, 'SIGKILL');
      await each.end();
    }
  }
}
