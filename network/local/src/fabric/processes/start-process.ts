import { spawn } from 'node:child_process';
import { closeSync, fstatSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { lastLogLine } from '../../processes/last-log-line';
import { inheritedEnvironment } from '../programs/run-program';

const SILENT = 'it said nothing';

/** How to start one process of the network. */
export interface ProcessPlan {
  /** What the process table will call it, in the network's directory. */
  readonly label: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  /** Where its output goes, appended. */
  readonly logFile: string;
}

/** A process that somebody waits for. */
export interface StartedProcess {
  readonly label: string;
  readonly logFile: string;
  /** Whether it is known to have ended. */
  hasEnded(): boolean;
  /** What it said last, or why it could not be started. The log has the words of earlier processes too. */
  lastWords(): string;
}

/** Starts a process that goes on when its starter ends, in a process group of its own so that no Ctrl-C reaches it. */
export function startProcess(directory: string, plan: ProcessPlan): StartedProcess {
  const { label, program, args, env, workingDirectory, logFile } = plan;
  mkdirSync(dirname(logFile), { recursive: true, mode: 0o700 });
  mkdirSync(workingDirectory, { recursive: true, mode: 0o700 });
  const log = openSync(logFile, 'a', 0o600);
  const { size: sinceByte } = fstatSync(log);
  try {
    const child = spawn(program, args, {
      argv0: join(directory, label),
      cwd: workingDirectory,
      env: { ...inheritedEnvironment(), ...env },
      stdio: ['ignore', log, log],
      detached: true,
    });
    let ended = false;
    let fault: string | undefined;
    child.once('exit', () => (ended = true));
    child.once('error', ({ message }) => {
      ended = true;
      fault = `it could not be started: ${message}`;
    });
    child.unref();
    return {
      label,
      logFile,
      hasEnded: () => ended,
      lastWords: () => fault ?? lastLogLine(logFile, sinceByte) ?? SILENT,
    };
  } finally {
    closeSync(log);
  }
}

/** A process that an earlier command started: its end is not told, and waiting for it ends by the deadline. */
export function foundProcess({ label, logFile }: ProcessPlan): StartedProcess {
  return { label, logFile, hasEnded: () => false, lastWords: () => lastLogLine(logFile) ?? SILENT };
}
