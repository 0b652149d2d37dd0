import { ERROR_CODES, EkoError } from '@eko/protocol';
import { pause } from '@eko/sdk/node';
import { connect } from 'node:net';
import { askOperations } from './ask-operations';
import type { ReadyCheck, StartedProcess } from './start-process';

/** How long is waited for each check, and until when. */
export interface ReadyLimits {
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

const HOST = '127.0.0.1';
const ATTEMPT_MS = 2_000;
const POLL_MS = 25;

/**
 * Waits until a process is ready: one check after the other holds.
 *
 * @throws EkoError `INTERNAL`, or `INVALID_CONFIG` where it says so, with its last words if it ends before;
 *   `DEADLINE_EXCEEDED` with what was missing; `CANCELLED`
 */
export async function awaitReady(
  started: StartedProcess,
  checks: readonly ReadyCheck[],
  limits: ReadyLimits,
): Promise<void> {
  for (const check of checks) await awaitCheck(started, check, limits);
}

async function awaitCheck(
  started: StartedProcess,
  check: ReadyCheck,
  { deadlineMs, signal }: ReadyLimits,
): Promise<void> {
  const { label, logFile } = started;
  const until = performance.now() + deadlineMs;
  let missing = 'it was not asked';
  while (performance.now() < until) {
    if (signal.aborted) throw new EkoError('CANCELLED', `Waiting for ${label} was cancelled`);
    requireAlive(started);
    const found = await missingOf(started, check);
    if (found === undefined) return;
    missing = found;
    await pause(POLL_MS, signal);
  }
  throw new EkoError(
    'DEADLINE_EXCEEDED',
    `${label} is not ready after ${deadlineMs} ms: ${missing}; its log is ${logFile}`,
    { details: { process: label, log: logFile } },
  );
}

/** What keeps a check from holding; `undefined` where it holds. */
async function missingOf(started: StartedProcess, check: ReadyCheck): Promise<string | undefined> {
  switch (check.kind) {
    case 'prints':
      return started.firstLine() === undefined ? 'it has not said that it serves' : undefined;
    case 'answers': {
      const { isWell, reasons } = await askOperations(check.port, check.path);
      return isWell ? undefined : reasons;
    }
    case 'listens':
      return (await takesConnections(check.port)) ? undefined : 'it does not listen';
  }
}

/**
 * Refuses to go on waiting for a process that has ended.
 *
 * @throws EkoError `INTERNAL`, or `INVALID_CONFIG` where its exit status says so, with its last words
 */
export function requireAlive(started: StartedProcess): void {
  const exit = started.end();
  if (exit === undefined) return;
  const { label, logFile } = started;
  const { code, signal } = exit;
  const how = signal !== null ? ` by ${signal}` : code !== null ? ` with exit status ${code}` : '';
  throw new EkoError(
    code === ERROR_CODES.INVALID_CONFIG.exit ? 'INVALID_CONFIG' : 'INTERNAL',
    `${label} ended${how} before it was ready: ${started.lastMessage()}`,
    { details: { process: label, log: logFile } },
  );
}

async function takesConnections(port: number): Promise<boolean> {
  const socket = connect({ host: HOST, port, timeout: ATTEMPT_MS });
  return new Promise((resolve) => {
    const end = (isTaken: boolean): void => {
      socket.destroy();
      resolve(isTaken);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}
