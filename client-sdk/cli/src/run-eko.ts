import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMMANDS } from './command-table';
import { runCommandLine } from './run-command-line';
import { stopSignal } from './stop-signal';

/**
 * Runs the `eko` command in this process, with its streams, environment and signals.
 *
 * @param args - what follows `eko`
 * @returns the exit status
 */
export async function runEko(args: readonly string[], host: NodeJS.Process): Promise<number> {
  // Somebody who reads only the first lines (`eko node show | head -1`) closes the pipe: that is no failure.
  host.stdout.on('error', () => host.exit(0));
  return runCommandLine(COMMANDS, packageVersion(), args, {
    stdout: host.stdout,
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
