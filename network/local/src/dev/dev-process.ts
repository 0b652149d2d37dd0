import { lastLogLine } from '../processes/last-log-line';
import { EkoError } from '@eko/protocol';
import { Type, parseStrictJson, parseWith, type Static } from '@eko/protocol/encoding';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fstatSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';

/** How to start one process of the development network. */
export interface ProcessPlan {
  readonly name: string;
  /** The built entry point. */
  readonly main: string;
  readonly args: readonly string[];
  /** Options of Node itself. */
  readonly nodeOptions?: readonly string[];
  /** Where its standard error goes, appended. */
  readonly logFile: string;
}

/** What every process prints, as one line of JSON on standard output, once it serves. */
export const ReadyLine = Type.Object({
  address: Type.Optional(Type.String()),
  tlsCaFile: Type.Optional(Type.String()),
  users: Type.Optional(
    Type.Array(Type.Object({ mspId: Type.String(), name: Type.String(), mspFolder: Type.String() })),
  ),
});
export type ReadyLine = Static<typeof ReadyLine>;

/** How a process ended. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Children get nothing of the environment but this: no secret and no Node option finds its way in. */
const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG', 'NODE_COMPILE_CACHE'];
const READY_LINE_BYTES = 64 * 1024;

/**
 * One process of the development network: started, watched, stopped. It leads a process group of its own, so that a
 * Ctrl-C reaches the starter alone, which then stops everything in order; it ends by itself when its starter is gone.
 */
export class DevProcess {
  readonly name: string;
  /** Ends with the process. */
  readonly exited: Promise<ProcessExit>;
  readonly #child: ChildProcess;
  readonly #stdout: Readable;
  readonly #logFile: string;
  /** Where it began to write: the log has the words of earlier ones too. */
  readonly #sinceByte: number;
  #exit: ProcessExit | undefined;
  #fault: string | undefined;

  private constructor(plan: ProcessPlan, child: ChildProcess, sinceByte: number) {
    const { stdin, stdout } = child;
    if (stdin === null || stdout === null) throw new TypeError('a child has pipes');
    this.name = plan.name;
    this.#logFile = plan.logFile;
    this.#sinceByte = sinceByte;
    this.#child = child;
    this.#stdout = stdout;
    this.exited = new Promise((resolve) => {
      const end = (exit: ProcessExit): void => {
        this.#exit ??= exit;
        resolve(this.#exit);
      };
      child.once('exit', (code, signal) => end({ code, signal }));
      child.once('error', ({ message }) => {
        this.#fault ??= message;
        end({ code: null, signal: null });
      });
    });
    // A child that is gone breaks this pipe; its exit says so already.
    stdin.on('error', () => undefined);
  }

  /** Starts it, without waiting for it. */
  static spawn(plan: ProcessPlan): DevProcess {
    mkdirSync(dirname(plan.logFile), { recursive: true, mode: 0o700 });
    const log = openSync(plan.logFile, 'a', 0o600);
    const { size: sinceByte } = fstatSync(log);
    try {
      const child = spawn(
        process.execPath,
        [
          ...(plan.nodeOptions ?? []),
          '--require',
          join(__dirname, 'parent-watch.js'),
          plan.main,
          ...plan.args,
        ],
        { stdio: ['pipe', 'pipe', log], detached: true, env: inheritedEnvironment() },
      );
      return new DevProcess(plan, child, sinceByte);
    } finally {
      closeSync(log);
    }
  }

  /** The process's ID, while it runs. */
  get pid(): number | undefined {
    return this.#exit === undefined ? this.#child.pid : undefined;
  }

  /**
   * Waits for the ready line.
   *
   * @throws EkoError `DEADLINE_EXCEEDED`; `INVALID_CONFIG` or `INTERNAL` with its last words if it ends before
   */
  async ready(deadlineMs: number): Promise<ReadyLine> {
    const deadline = AbortSignal.timeout(deadlineMs);
    const line = this.#firstLine(deadline);
    const ended = this.exited.then((exit) => {
      throw this.#endedError(exit);
    });
    try {
      const text = await Promise.race([line, ended]);
      const value = parseStrictJson(text, { maxBytes: READY_LINE_BYTES, maxDepth: 6 });
      return parseWith(ReadyLine, value, `ready line of ${this.name}`, 'INTERNAL');
    } catch (error) {
      if (!deadline.aborted) throw error;
      throw new EkoError('DEADLINE_EXCEEDED', `${this.name} was not ready within ${deadlineMs} ms`, {
        details: { process: this.name, log: this.#logFile },
      });
    }
  }

  /** Sends a signal; one to a process that is gone does nothing. */
  kill(signal: NodeJS.Signals): void {
    if (this.#exit === undefined) this.#child.kill(signal);
  }

  /** Stops it: SIGTERM, and SIGKILL if it is still there after `graceMs`. */
  async stop(graceMs: number): Promise<ProcessExit> {
    this.kill('SIGTERM');
    const timer = setTimeout(() => this.kill('SIGKILL'), graceMs);
    try {
      return await this.exited;
    } finally {
      clearTimeout(timer);
    }
  }

  async #firstLine(deadline: AbortSignal): Promise<string> {
    this.#stdout.setEncoding('utf8');
    let text = '';
    while (!text.includes('\n')) {
      const chunks: unknown[] = await once(this.#stdout, 'data', { signal: deadline });
      text += String(chunks[0]);
      if (text.length > READY_LINE_BYTES)
        throw new EkoError('INTERNAL', `${this.name} printed no ready line`);
    }
    // Nothing else is expected; it must not fill the pipe.
    this.#stdout.resume();
    return text.slice(0, text.indexOf('\n'));
  }

  #endedError({ code, signal }: ProcessExit): EkoError {
    const how = signal === null ? `with exit status ${String(code)}` : `by ${signal}`;
    const words = this.#fault ?? lastLogLine(this.#logFile, this.#sinceByte);
    return new EkoError(
      code === 78 ? 'INVALID_CONFIG' : 'INTERNAL',
      `${this.name} ended ${how} before it was ready${words === undefined ? '' : `: ${words}`}`,
      { details: { process: this.name, log: this.#logFile } },
    );
  }
}

function inheritedEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    INHERITED.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
