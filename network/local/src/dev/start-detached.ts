import { lastLogLine } from '../processes/last-log-line';
import { EkoError } from '@eko/protocol';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fstatSync, mkdirSync, openSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DevLayout } from './dev-layout';
import { summaryOf, type DevSummary } from './dev-summary';
import { requireNetworkFile } from './network-file';

/** Longer than all processes may take to come up. */
const READY_DEADLINE_MS = 180_000;

/**
 * Starts `eko dev up` as a process of its own, waits until the network is ready, and leaves it running.
 *
 * @param program - the built entry point that takes `dev up`
 * @param ledgerArguments - how that command is told the ledger
 * @throws EkoError `INTERNAL` or `DEADLINE_EXCEEDED` with the last words of a network that did not come up,
 *   `CANCELLED`
 */
export async function startDetached(
  program: string,
  directory: string,
  ledgerArguments: readonly string[],
  signal: AbortSignal,
  readyDeadlineMs = READY_DEADLINE_MS,
): Promise<DevSummary> {
  const layout = new DevLayout(resolve(directory));
  mkdirSync(join(layout.directory, 'logs'), { recursive: true, mode: 0o700 });
  const log = openSync(layout.networkLog, 'a', 0o600);
  const { size: sinceByte } = fstatSync(log);
  const args = [program, 'dev', 'up', '--json', '--directory', layout.directory, ...ledgerArguments];
  const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', 'pipe', log] });
  closeSync(log);
  const { stdout } = child;
  if (stdout === null) throw new TypeError('a child has pipes');
  // Its one line of output means that all is ready; its end without one, that it is not.
  const patience = AbortSignal.any([signal, AbortSignal.timeout(readyDeadlineMs)]);
  const isReady = await Promise.race([
    once(stdout, 'data', { signal: patience }).then(
      () => true,
      () => false,
    ),
    once(child, 'exit').then(() => false),
  ]);
  stdout.destroy();
  child.unref();
  if (isReady) return summaryOf({ layout, network: await requireNetworkFile(layout) });
  child.kill('SIGTERM');
  if (signal.aborted) throw new EkoError('CANCELLED', 'The network was stopped while it came up');
  const words = lastLogLine(layout.networkLog, sinceByte) ?? 'no word';
  const details = { log: layout.networkLog };
  if (patience.aborted) {
    const late = `The network was not up within ${readyDeadlineMs} ms; it said last: ${words}`;
    throw new EkoError('DEADLINE_EXCEEDED', late, { details });
  }
  throw new EkoError('INTERNAL', `The network did not come up: ${words}`, { details });
}
