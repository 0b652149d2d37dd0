import { EkoError, isErrorCode } from '@eko/protocol';
import { parseStrictJson, parseWith } from '@eko/protocol/encoding';
import { codeOf, isMissing } from '@eko/protocol/node';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import {
  CONTROL_HOST,
  CONTROL_LINE,
  ControlAnswer,
  NoLineError,
  RunningFile,
  readLine,
  type ControlRequest,
} from './control-protocol';
import type { DevLayout } from './dev-layout';

export const ASK_DEADLINE_MS = 5_000;

/**
 * Asks the network that runs on this directory; `undefined` where none runs.
 *
 * @throws EkoError what the network answered, `DEADLINE_EXCEEDED`
 */
export async function askControl(
  layout: DevLayout,
  request: Omit<ControlRequest, 'token'>,
  deadlineMs: number,
): Promise<ControlAnswer['processes'] | undefined> {
  const running = await readRunningFile(layout);
  if (running === undefined) return undefined;
  const text = await exchange(running, JSON.stringify({ ...request, token: running.token }), deadlineMs);
  if (text === undefined) return undefined;
  const reply = parseWith(ControlAnswer, parseStrictJson(text, CONTROL_LINE), 'answer', 'CORRUPT_RECORD');
  if (reply.error === undefined) return reply.processes;
  const { code, message } = reply.error;
  throw new EkoError(isErrorCode(code) ? code : 'INTERNAL', message);
}

/**
 * What runs of the network in this directory; `undefined` where none runs.
 *
 * @throws EkoError as `askControl`
 */
export function askStatus(layout: DevLayout): Promise<ControlAnswer['processes'] | undefined> {
  return askControl(layout, { act: 'status' }, ASK_DEADLINE_MS);
}

async function readRunningFile(layout: DevLayout): Promise<RunningFile | undefined> {
  try {
    const text = await readFile(layout.runningFile, 'utf8');
    return parseWith(RunningFile, parseStrictJson(text, CONTROL_LINE), layout.runningFile, 'CORRUPT_RECORD');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

const NOBODY: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE']);

/**
 * Whether a connection failed as it does where nobody listens any more, or a stranger does, who closes. A connection that
 * this machine could not even make says nothing of who listens.
 */
export function meansNobody(error: unknown): boolean {
  if (error instanceof NoLineError) return true;
  return NOBODY.has(codeOf(error));
}

/**
 * Sends a line and reads one; `undefined` where nobody listens, or a stranger who closes. Whatever else fails says
 * nothing of the network: it may well run.
 *
 * @throws EkoError `DEADLINE_EXCEEDED`, `BAD_STATE`
 */
async function exchange(
  { port }: RunningFile,
  line: string,
  deadlineMs: number,
): Promise<string | undefined> {
  const socket = connect({ host: CONTROL_HOST, port });
  const timer = setTimeout(
    () =>
      socket.destroy(new EkoError('DEADLINE_EXCEEDED', `The network did not answer within ${deadlineMs} ms`)),
    deadlineMs,
  );
  try {
    socket.write(`${line}\n`);
    return await readLine(socket);
  } catch (error) {
    if (error instanceof EkoError) throw error;
    if (meansNobody(error)) return undefined;
    throw new EkoError(
      'BAD_STATE',
      `Whether the network runs cannot be known: port ${port} cannot be asked`,
      {
        details: { port },
        cause: error,
      },
    );
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}
