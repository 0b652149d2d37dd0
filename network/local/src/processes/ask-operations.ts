import { boundedBytes } from '@eko/protocol/node';

const HOST = '127.0.0.1';
const ANSWER_MS = 2_000;
const ANSWER_BYTES = 64 * 1024;
const REASON_CHARACTERS = 300;

/** What a process of this machine says of itself; the reasons are its own. */
export interface OperationsAnswer {
  readonly isWell: boolean;
  readonly reasons: string;
}

/** Asks a process's operations port once, as `/healthz`; one that does not answer is not well. */
export async function askOperations(port: number, path: string): Promise<OperationsAnswer> {
  try {
    const answer = await fetch(`http://${HOST}:${port}${path}`, { signal: AbortSignal.timeout(ANSWER_MS) });
    const text = answer.body === null ? '' : await boundedBytes(answer.body, ANSWER_BYTES);
    const reasons =
      text === undefined ? 'its answer has no end' : text.toString().slice(0, REASON_CHARACTERS);
    return { isWell: answer.status === 200 && text !== undefined, reasons };
  } catch {
    return { isWell: false, reasons: 'it does not answer' };
  }
}
