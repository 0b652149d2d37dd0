import { EkoError } from '@eko/protocol';
import { askOperations, type OperationsAnswer } from '../../processes/ask-operations';
import { pause } from '@eko/sdk/node';
import type { StartedProcess } from './start-process';

const POLL_MS = 50;

/** Asks an orderer's or a peer's operations service once whether it is well; the reasons are its own. */
export const askHealth = (operationsPort: number): Promise<OperationsAnswer> =>
  askOperations(operationsPort, '/healthz');

/**
 * Waits until a process that was just started is well.
 *
 * @throws EkoError `INTERNAL` with its last words if it ends, `DEADLINE_EXCEEDED`, `CANCELLED`
 */
export async function awaitHealth(
  started: StartedProcess,
  operationsPort: number,
  limits: { readonly deadlineMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const until = performance.now() + limits.deadlineMs;
  let reasons = '';
  while (performance.now() < until) {
    if (limits.signal.aborted) throw new EkoError('CANCELLED', `Waiting for ${started.label} was cancelled`);
    requireAlive(started);
    const answer = await askHealth(operationsPort);
    if (answer.isWell) return;
    ({ reasons } = answer);
    await pause(POLL_MS, limits.signal);
  }
  throw new EkoError(
    'DEADLINE_EXCEEDED',
    `${started.label} is not well after ${limits.deadlineMs} ms: ${reasons}; its log is ${started.logFile}`,
    { details: { process: started.label, log: started.logFile } },
  );
}

/**
 * Refuses to go on waiting for a process that has ended.
 *
 * @throws EkoError `INTERNAL` with its last words
 */
export function requireAlive(started: StartedProcess): void {
  if (!started.hasEnded()) return;
  const { label, logFile } = started;
  throw new EkoError('INTERNAL', `${label} ended: ${started.lastWords()}`, {
    details: { process: label, log: logFile },
  });
}
