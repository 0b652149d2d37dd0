import { EkoError } from '@eko/protocol';
import { pause } from '@eko/sdk';
import { FABRIC_HOST } from '../plan/topology';
import type { StartedProcess } from './start-process';

const POLL_MS = 50;
const ANSWER_MS = 2_000;
const ANSWER_CHARACTERS = 300;

/** Asks an orderer's or a peer's operations service once whether it is well; the reasons are its own. */
export async function askHealth(operationsPort: number): Promise<{ isWell: boolean; reasons: string }> {
  try {
    const answer = await fetch(`http://${FABRIC_HOST}:${operationsPort}/healthz`, {
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    return { isWell: answer.status === 200, reasons: (await answer.text()).slice(0, ANSWER_CHARACTERS) };
  } catch {
    return { isWell: false, reasons: 'it does not answer' };
  }
}

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
