import { spawn, type ChildProcess } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { resolve } from 'node:path';

/** The built command. */
export const EKO = resolve(__dirname, '../../../client-sdk/cli/bin/eko.cjs');

/** What a process printed, and its exit status. */
export interface ProcessResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts a script of Node. */
export function startScript(script: string, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Waits for the end of a process. */
export async function endOf(child: ChildProcess): Promise<ProcessResult> {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new TypeError('a child has pipes');
  const status = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [out, err] = await Promise.all([text(stdout), text(stderr)]);
  return { status: await status, stdout: out, stderr: err };
}

/** Runs `eko` as a process of its own. */
export function eko(...args: readonly string[]): Promise<ProcessResult> {
  return endOf(startScript(EKO, args));
}

/** Runs `eko … --json`, expects success, and answers what it printed. */
export async function ekoJson(...args: readonly string[]): Promise<unknown> {
  const { status, stdout, stderr } = await eko(...args, '--json');
  if (status !== 0) throw new Error(`eko ${args.join(' ')} ended with ${String(status)}: ${stderr}`);
  return JSON.parse(stdout);
}

/** Whether a process runs. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
