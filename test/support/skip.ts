import { spawnSync } from 'node:child_process';

/**
 * A `describe` that runs where something from outside the repository is present, and is skipped with its reason where
 * it is not. The run's last lines list every reason.
 *
 * @param present - whether the thing is there
 * @param reason - what is missing, for people ("openssl is not installed")
 */
export function describeIf(present: boolean, reason: string, title: string, tests: () => void): void {
  if (present) describe(title, tests);
  else describe.skip(`${title} [skipped: ${reason}]`, tests);
}

/** Tells whether a program is on this machine and answers, say, `--version`. */
export function isInstalled(program: string, ...args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore', timeout: 10_000 }).status === 0;
}
