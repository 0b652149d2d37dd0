import { spawnSync } from 'node:child_process';

/** Tells whether a program is on this machine and answers, say, `--version`. */
export function isInstalled(program: string, ...args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore', timeout: 10_000 }).status === 0;
}
