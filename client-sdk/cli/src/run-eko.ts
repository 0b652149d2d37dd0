import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMMANDS } from './command-table';
import { ProcessOutput, runCommandLine, stopSignal } from '@eko/command';

/**
 * Runs the `eko` command in this process, with its streams, environment and signals.
 *
 * @param args - what follows `eko`
 * @returns the exit status
 */
export async function runEko(args: readonly string[], host: NodeJS.Process): Promise<number> {
  // Where even this cannot be written there is nobody to tell.
  host.stderr.on('error', () => undefined);
  return runCommandLine(COMMANDS, packageVersion(), args, {
    stdout: new ProcessOutput(host.stdout),
    stderr: host.stderr,
    env: host.env,
    signal: stopSignal(host),
  });
}

function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(__dirname, '..', 'package.json'), 'utf8'));
  const isManifest = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return isManifest ? String(manifest.version) : 'unknown';
}
