import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A flood, bounded in count and time. */
export interface FloodPlan {
  /** Silent TCP connections, TLS connections without a certificate, or HTTP calls without a token. */
  readonly kind: 'tcp' | 'tls' | 'call';
  readonly port: number;
  readonly addresses: readonly string[];
  readonly atATime: number;
  readonly most: number;
  readonly forMs: number;
}

/** What a flood did. */
export interface FloodCount {
  readonly made: number;
  readonly ended: number;
}

/** A flood in a process of its own, from when all its connections were begun. */
export class Flood {
  readonly #process: ChildProcess;
  #output = '';

  private constructor(process: ChildProcess) {
    this.#process = process;
  }

  static async start(plan: FloodPlan): Promise<Flood> {
    const child = spawn(process.execPath, [join(__dirname, 'flood-process.mjs'), JSON.stringify(plan)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const flood = new Flood(child);
    const begun = new Promise<void>((resolve, reject) => {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        flood.#output += text;
        if (flood.#output.includes('flooding')) resolve();
      });
      child.once('exit', () => {
        reject(new Error('the flood ended before it began'));
      });
    });
    await begun;
    return flood;
  }

  /** Whether it still goes on. */
  get isOn(): boolean {
    return this.#process.exitCode === null;
  }

  /** Ends it, and tells what it did. */
  async stop(): Promise<FloodCount> {
    const ended = this.isOn ? once(this.#process, 'exit') : undefined;
    this.#process.kill('SIGTERM');
    await ended;
    return JSON.parse(this.#output.trim().split('\n').at(-1) ?? '{}') as FloodCount;
  }
}
