import { EkoError, isEkoError, isErrorCode } from '@eko/protocol';
import { Type, fits } from '@eko/protocol/encoding';
import { resolve } from 'node:path';
import { awaitReady } from '../processes/await-ready';
import { lastLogLines } from '../processes/last-log-line';
import { startProcess, type ProcessPlan, type StartedProcess } from '../processes/start-process';
import { sendSignal } from '../processes/stop-processes';
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
  const { networkLog } = layout;
  const plan: ProcessPlan = {
    label: 'network',
    program: process.execPath,
    args: [program, 'dev', 'up', '--json', '--directory', layout.directory, ...ledgerArguments],
    // It is the same command in the background: it is told what this one was told.
    env: process.env,
    logFile: networkLog,
    // Its one line of output means that all is ready; its end without one, that it is not.
    ready: [{ kind: 'prints' }],
  };
  const started = startProcess(layout.directory, plan);
  try {
    await awaitReady(started, plan.ready, { deadlineMs: readyDeadlineMs, signal });
  } catch (error) {
    const pid = started.pid();
    if (pid !== undefined) sendSignal(pid, 'SIGTERM');
    throw failureOf(error, started, readyDeadlineMs);
  }
  return summaryOf({ layout, network: await requireNetworkFile(layout) });
}

/** Why a network did not come up, in its own words. */
function failureOf(error: unknown, started: StartedProcess, deadlineMs: number): EkoError {
  if (isEkoError(error, 'CANCELLED'))
    return new EkoError('CANCELLED', 'The network was stopped while it came up');
  const details = { log: started.logFile };
  const told =
    started.end() === undefined ? undefined : toldError(lastLogLines(started.logFile, 1, TOLD_BYTES));
  if (told !== undefined)
    return new EkoError(told.code, told.message, { details: { ...details, ...told.next } });
  const words = started.lastMessage('no word');
  return isEkoError(error, 'DEADLINE_EXCEEDED')
    ? new EkoError(
        'DEADLINE_EXCEEDED',
        `The network was not up within ${deadlineMs} ms; it said last: ${words}`,
        { details },
      )
    : new EkoError('INTERNAL', `The network did not come up: ${words}`, { details });
}

/** The error that the command in the background ended with, as `--json` has it. */
const ToldError = Type.Object({
  error: Type.Object({ code: Type.String(), message: Type.String(), next: Type.Optional(Type.String()) }),
});
const TOLD_BYTES = 16 * 1024;

function toldError([line = '']: readonly string[]) {
  try {
    const value: unknown = JSON.parse(line);
    if (!fits(ToldError, value) || !isErrorCode(value.error.code)) return undefined;
    const { code, message, next } = value.error;
    return { code, message, next: next === undefined ? {} : { next } };
  } catch {
    return undefined;
  }
}
