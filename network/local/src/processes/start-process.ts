import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, fstatSync, mkdirSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { lastLogLine } from './last-log-line';
import { inheritedEnvironment } from './run-program';

/** What shows that a process is ready. */
export type ReadyCheck =
  /** It prints a line. */
  | { readonly kind: 'prints' }
  /** Its operations service answers 200 on this path; the reasons of another answer are its own. */
  | { readonly kind: 'answers'; readonly port: number; readonly path: string }
  /** It takes connections: whoever calls it before fails at once. */
  | { readonly kind: 'listens'; readonly port: number };

/** How to start one process of a network. */
export interface ProcessPlan {
  /** What the process table calls it, in the network's directory. */
  readonly label: string;
  readonly program: string;
  readonly args: readonly string[];
  /** Beside the little that every process inherits. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Its starter's own, where it is not given. */
  readonly workingDirectory?: string;
  /** Where its output goes, appended; of one that prints when it is ready, what it says on standard error. */
  readonly logFile: string;
  /** A program of Node that does not outlive whoever starts it. */
  readonly endsWithStarter?: boolean;
  /** What shows that it is ready, one after the other. */
  readonly ready: readonly ReadyCheck[];
}

/** How a process ended; nothing of both where it could not be started. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process that somebody waits for. */
export interface StartedProcess {
  readonly label: string;
  readonly logFile: string;
  /** Its ID, while it is known to run. */
  pid(): number | undefined;
  /** How, once it is known to have ended. */
  end(): ProcessExit | undefined;
  /** Settles when it ends. */
  readonly exited: Promise<ProcessExit>;
  /** The first line on its standard output, once it is there. */
  firstLine(): string | undefined;
  /**
   * What it said last, or why it could not be started. The log has the words of earlier processes too.
   *
   * @param otherwise - where it said nothing
   */
  lastMessage(otherwise?: string): string;
}

const SILENT = 'it said nothing';
/** No line that a process prints is longer. */
const LINE_BYTES = 64 * 1024;

/**
 * Starts a process under a name by which the process table shows whose it is. It leads a process group of its own, so
 * that a Ctrl-C reaches its starter alone; it goes on when that one ends, unless its plan says otherwise.
 *
 * @param directory - the network's: absolute, without symbolic links
 */
export function startProcess(directory: string, plan: ProcessPlan): StartedProcess {
  const { label, program, args, env, workingDirectory, logFile, endsWithStarter = false } = plan;
  mkdirSync(dirname(logFile), { recursive: true, mode: 0o700 });
  if (workingDirectory !== undefined) mkdirSync(workingDirectory, { recursive: true, mode: 0o700 });
  const prints = plan.ready.some(({ kind }) => kind === 'prints');
  const log = openSync(logFile, 'a', 0o600);
  const { size: sinceByte } = fstatSync(log);
  try {
    const watched = endsWithStarter ? ['--require', join(__dirname, 'parent-watch.js'), ...args] : args;
    const child = spawn(program, watched, {
      argv0: join(directory, label),
      ...(workingDirectory === undefined ? {} : { cwd: workingDirectory }),
      env: { ...inheritedEnvironment(), ...env },
      stdio: [endsWithStarter ? 'pipe' : 'ignore', prints ? 'pipe' : log, log],
      detached: true,
    });
    if (!endsWithStarter) letGo(child);
    return watch(child, { label, logFile, sinceByte });
  } finally {
    closeSync(log);
  }
}

/** Its starter may end while it goes on. */
function letGo(child: ChildProcess): void {
  child.unref();
  // Typed as a stream, it is a socket, which would keep the starter.
  if (child.stdout instanceof Socket) child.stdout.unref();
}

function watch(
  child: ChildProcess,
  { label, logFile, sinceByte }: { label: string; logFile: string; sinceByte: number },
): StartedProcess {
  let end: ProcessExit | undefined;
  let fault: string | undefined;
  const exited = new Promise<ProcessExit>((resolve) => {
    child.once('exit', (code, signal) => resolve((end ??= { code, signal })));
    child.once('error', ({ message }) => {
      fault ??= `it could not be started: ${message}`;
      resolve((end ??= { code: null, signal: null }));
    });
  });
  // A child that is gone breaks this pipe; its exit says so already.
  child.stdin?.on('error', () => undefined);
  let printed = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    // Only the first line is expected; the rest must not fill the pipe.
    if (!printed.includes('\n') && printed.length <= LINE_BYTES) printed += chunk;
  });
  return {
    label,
    logFile,
    pid: () => (end === undefined ? child.pid : undefined),
    end: () => end,
    exited,
    firstLine: () => (printed.includes('\n') ? printed.slice(0, printed.indexOf('\n')) : undefined),
    lastMessage: (otherwise = SILENT) => fault ?? lastLogLine(logFile, sinceByte) ?? otherwise,
  };
}

/** A process that an earlier command started: its end is not told, and waiting for it ends by the deadline. */
export function foundProcess({ label, logFile }: ProcessPlan): StartedProcess {
  return {
    label,
    logFile,
    pid: () => undefined,
    end: () => undefined,
    exited: new Promise(() => undefined),
    firstLine: () => undefined,
    lastMessage: (otherwise = SILENT) => lastLogLine(logFile) ?? otherwise,
  };
}
