import { EkoError } from '@eko/protocol';
import { codeOf } from '@eko/protocol/node';
import { readFile, readdir } from 'node:fs/promises';
import { runProgram } from './run-program';

/** A process of a network, found in the operating system's table. */
export interface RunningProcess {
  readonly pid: number;
  /** What the network calls it: a node's name, or `task.…` for a program that ends by itself. */
  readonly label: string;
  /** Stopped by a signal, until it is continued. */
  readonly isPaused: boolean;
}

/** What a process of a network does at the moment; one that runs may say itself that it is not ready. */
export type ProcessState = 'ready' | 'not ready' | 'paused' | 'stopped';

const PS_DEADLINE_MS = 10_000;
const LABEL = /^[a-z0-9][a-z0-9.-]*$/;

/**
 * Finds the processes of a network's directory, of other users only for the superuser: anybody can give a process a
 * name. Every process is started with `DIRECTORY/LABEL` as its name, and the
 * kernel keeps that name for as long as the process lives: there is no list that a crash could leave wrong.
 *
 * @param directory - absolute, without symbolic links
 * @throws EkoError `INTERNAL` where the table cannot be read
 */
export async function findProcesses(directory: string): Promise<readonly RunningProcess[]> {
  return process.platform === 'linux' ? fromProc(directory) : fromPs(directory);
}

async function fromProc(directory: string): Promise<readonly RunningProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid): Promise<readonly RunningProcess[]> => {
      const label = labelIn(directory, (await readIfThere(`/proc/${pid}/cmdline`)).split('\0')[0] ?? '');
      if (label === undefined) return [];
      if (!(await isOurs(pid))) return [];
      // The state follows the name in parentheses, which may hold anything.
      const state = (await readIfThere(`/proc/${pid}/stat`)).split(') ').at(-1)?.[0];
      return state === undefined ? [] : [{ pid: Number(pid), label, isPaused: state === 'T' }];
    }),
  );
  return found.flat();
}

async function isOurs(pid: string): Promise<boolean> {
  const self = process.geteuid?.() ?? 0;
  if (self === 0) return true;
  // The first of four: real, effective, saved and of the file system.
  const uid = /^Uid:\s+(\d+)/m.exec(await readIfThere(`/proc/${pid}/status`))?.[1];
  return uid === String(self);
}

const NOT_SHOWN: readonly string[] = ['ENOENT', 'ESRCH', 'EACCES', 'EPERM'];

/** A process may end, or belong to somebody else, between the listing and the look at it. */
async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (NOT_SHOWN.includes(codeOf(error))) return '';
    throw new EkoError('INTERNAL', `The process table cannot be read: ${file}`, { cause: error });
  }
}

async function fromPs(directory: string): Promise<readonly RunningProcess[]> {
  const { stdout } = await runProgram({
    program: 'ps',
    args: [...ofOurs(), '-ww', '-o', 'pid=,state=,args='],
    deadlineMs: PS_DEADLINE_MS,
  });
  return parsePs(directory, stdout);
}

function ofOurs(): readonly string[] {
  const self = process.geteuid?.() ?? 0;
  return self === 0 ? ['-A'] : ['-U', String(self)];
}

/** Reads `ps -o pid=,state=,args=`, where arguments follow the name after a space. */
export function parsePs(directory: string, table: string): readonly RunningProcess[] {
  return table.split('\n').flatMap((line) => {
    const [, pid, state, args] = /^\s*(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    if (pid === undefined || state === undefined || args === undefined || state.startsWith('Z')) return [];
    if (!args.startsWith(`${directory}/`)) return [];
    const label = labelIn(directory, `${directory}/${args.slice(directory.length + 1).split(' ')[0] ?? ''}`);
    return label === undefined ? [] : [{ pid: Number(pid), label, isPaused: state.startsWith('T') }];
  });
}

function labelIn(directory: string, name: string): string | undefined {
  if (!name.startsWith(`${directory}/`)) return undefined;
  const label = name.slice(directory.length + 1);
  return LABEL.test(label) ? label : undefined;
}

/** The state of a process that was found or not; only one that goes on is asked whether it is ready. */
export async function stateOf(
  found: Pick<RunningProcess, 'isPaused'> | undefined,
  isReady: () => Promise<boolean>,
): Promise<ProcessState> {
  if (found === undefined) return 'stopped';
  if (found.isPaused) return 'paused';
  return (await isReady()) ? 'ready' : 'not ready';
}
