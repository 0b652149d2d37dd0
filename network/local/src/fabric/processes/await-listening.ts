import { EkoError } from '@eko/protocol';
import { pause } from '@eko/sdk/node';
import { connect } from 'node:net';
import { FABRIC_HOST } from '../plan/topology';
import { requireAlive } from './await-health';
import type { StartedProcess } from './start-process';

const DEADLINE_MS = 60_000;
const ATTEMPT_MS = 2_000;
const POLL_MS = 50;

/**
 * Waits until a process that was just started takes connections: a peer that calls chaincode before fails the
 * transaction at once.
 *
 * @throws EkoError `INTERNAL` with its last words if it ends, `DEADLINE_EXCEEDED`, `CANCELLED`
 */
export async function awaitListening(
  started: StartedProcess,
  port: number,
  signal: AbortSignal,
): Promise<void> {
  const until = performance.now() + DEADLINE_MS;
  while (performance.now() < until) {
    if (signal.aborted) throw new EkoError('CANCELLED', `Waiting for ${started.label} was cancelled`);
    requireAlive(started);
    if (await takesConnections(port)) return;
    await pause(POLL_MS, signal);
  }
  throw new EkoError('DEADLINE_EXCEEDED', `${started.label} does not listen after ${DEADLINE_MS} ms`, {
    details: { process: started.label, log: started.logFile },
  });
}

async function takesConnections(port: number): Promise<boolean> {
  const socket = connect({ host: FABRIC_HOST, port, timeout: ATTEMPT_MS });
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
