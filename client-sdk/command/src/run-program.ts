import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from './command';
import { ProcessOutput } from './process-output';
import { runCommandLine } from './run-command-line';
import { stopSignal } from './stop-signal';

/**
 * Runs a command line in this process, with its streams, environment and signals.
 *
 * @param packageFolder - the package that the commands belong to, for their version
 * @param args - what follows the program's name
 * @returns the exit status
 */
export async function runProgram(
  commands: readonly Command[],
  packageFolder: string,
  args: readonly string[],
  host: NodeJS.Process,
): Promise<number> {
  // Where even this cannot be written there is nobody to tell.
  host.stderr.on('error', () => undefined);
  return runCommandLine(commands, packageVersion(packageFolder), args, {
    stdout: new ProcessOutput(host.stdout),
    stderr: host.stderr,
    env: host.env,
    signal: stopSignal(host),
  });
}

/** The version in the manifest of a package's folder. */
export function packageVersion(folder: string): string {
  const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const isManifest = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return isManifest ? String(manifest.version) : 'unknown';
}
