import { EkoError } from '@eko/protocol';
import { askOperations } from '../processes/ask-operations';
import { pause } from '@eko/sdk/node';

const POLL_MS = 25;

/** Where a node says whether it is ready. */
export const READY = '/readyz';

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
    const answer = await askOperations(operationsPort, READY);
    if (answer.isWell) return;
    ({ reasons } = answer);
    await pause(POLL_MS, signal);
    if (signal.aborted) throw new EkoError('CANCELLED', `Waiting for ${name} was cancelled`);
  }
  throw new EkoError('DEADLINE_EXCEEDED', `${name} is not ready after ${deadlineMs} ms: ${reasons}`, {
    details: { process: name },
  });
}
