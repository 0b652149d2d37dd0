import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const DEADLINE_MS = 120_000;
const PROBE_DEADLINE_MS = 20_000;

/** Whether npm can fetch what the chaincode runs on, from a registry or from its cache. */
export function canInstall(): boolean {
  const probe = ['view', 'fabric-shim@2.5.8', 'version', '--prefer-offline', '--fetch-retries=0'];
  return spawnSync('npm', probe, { stdio: 'ignore', timeout: PROBE_DEADLINE_MS }).status === 0;
}

/** Runs a line of shell in a folder as a container's build would; npm takes what it can from its cache. */
export async function runInBuild(line: string, folder: string): Promise<string> {
  const env = { ...process.env, npm_config_prefer_offline: 'true' };
  const { stdout } = await run('sh', ['-ec', line], { cwd: folder, env, timeout: DEADLINE_MS });
  return stdout;
}
