import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../..');

/** An example of the guides as a process of its own; it runs the built packages, as an application would. */
export class ExampleProgram {
  readonly #child: ChildProcess;
  readonly #over: Promise<number | null>;
  readonly #listeners = new Set<() => void>();
  /** Everything that it has printed. */
  output = '';

  constructor(file: string, environment: Readonly<Record<string, string>>) {
    const path = join(ROOT, 'docs/examples', file);
    const [command, args] = file.endsWith('.sh') ? ['sh', [path]] : [process.execPath, [path]];
    this.#child = spawn(command, args, { cwd: ROOT, env: { PATH: process.env['PATH'], ...environment } });
    const take = (chunk: Buffer): void => {
      this.output += chunk.toString();
      for (const listener of this.#listeners) listener();
    };
    this.#child.stdout?.on('data', take);
    this.#child.stderr?.on('data', take);
    this.#over = new Promise((resolve) => this.#child.once('close', resolve));
  }

  /**
   * Waits until it has printed a text.
   *
   * @throws Error with all output when it ends without
   */
  async prints(text: string): Promise<void> {
    const printed = new Promise<void>((resolve) => {
      const look = (): void => {
        if (!this.output.includes(text)) return;
        this.#listeners.delete(look);
        resolve();
      };
      this.#listeners.add(look);
      look();
    });
    const ended = this.#over.then(() => {
      if (!this.output.includes(text)) throw new Error(`it never printed "${text}":\n${this.output}`);
    });
    await Promise.race([printed, ended]);
  }

  /** Its exit status. */
  exit(): Promise<number | null> {
    return this.#over;
  }

  async stop(): Promise<number | null> {
    this.#child.kill('SIGTERM');
    return this.#over;
  }
}
