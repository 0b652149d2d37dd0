import { EkoError } from '@eko/protocol';
import { pause } from '@eko/sdk';

const POLL_MS = 25;
const ANSWER_MS = 2_000;

/**
 * Waits until a node says that it is ready: its `/readyz` answers 200.
 *
 * @throws EkoError `DEADLINE_EXCEEDED` with the node's own reasons, `CANCELLED`
 */
export async function awaitReady(options: {
  readonly name: string;
  readonly operationsPort: number;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { name, operationsPort, deadlineMs, signal } = options;
  const until = performance.now() + deadlineMs;
  let reasons = 'it does not answer';
  while (performance.now() < until) {
    const answer = await askReady(operationsPort);
    if (answer.isReady) return;
    ({ reasons } = answer);
    await pause(POLL_MS, signal);
    if (signal.aborted) throw new EkoError('CANCELLED', `Waiting for ${name} was cancelled`);
  }
  throw new EkoError('DEADLINE_EXCEEDED', `${name} is not ready after ${deadlineMs} ms: ${reasons}`, {
    details: { process: name },
  });
}

/** Asks once. */
export async function askReady(operationsPort: number): Promise<{ isReady: boolean; reasons: string }> {
  try {
    const answer = await fetch(`http://127.0.0.1:${operationsPort}/readyz`, {
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const text = (await answer.text()).slice(0, 300);
    return { isReady: answer.status === 200, reasons: text };
  } catch {
    return { isReady: false, reasons: 'it does not answer' };
  }
}
