import { writeWhole } from '@eko/protocol/node';
import { EkoError } from '@eko/protocol';
import { parseStrictJson, parseWith } from '@eko/protocol/encoding';
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import {
  CONTROL_HOST,
  CONTROL_LINE,
  ControlRequest,
  readLine,
  type ControlAnswer,
  type RunningFile,
} from './control-protocol';
import type { DevLayout } from './dev-layout';

/** What the network's starter offers to other commands. */
export interface ControlledNetwork {
  processes(): ControlAnswer['processes'];
  restart(name: string): Promise<void>;
  /** Asks the starter to stop everything and end. */
  stop(): void;
}

const TOKEN_BYTES = 24;

/** Serves the commands of the network's owner, one line of JSON a connection, and writes down where. */
export async function serveControl(
  layout: DevLayout,
  network: ControlledNetwork,
): Promise<{ close(): Promise<void> }> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    void readLine(socket)
      .then((line) => answer(line, token, network))
      .then(
        (text) => socket.end(`${text}\n`),
        () => socket.destroy(),
      );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: CONTROL_HOST, port: 0 }, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has an address');
  const running: RunningFile = { port: address.port, token };
  await writeWhole(layout.runningFile, `${JSON.stringify(running)}\n`).catch((error: unknown) => {
    server.close();
    throw error;
  });
  return {
    close: async () => {
      await rm(layout.runningFile, { force: true });
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

async function answer(line: string, token: string, network: ControlledNetwork): Promise<string> {
  const request = parseWith(ControlRequest, parseStrictJson(line, CONTROL_LINE), 'request');
  if (!isSame(request.token, token)) throw new EkoError('UNAUTHENTICATED', 'The token is another one');
  const reply: ControlAnswer = { processes: [] };
  try {
    if (request.act === 'restart') await network.restart(request.name ?? '');
    if (request.act === 'stop') network.stop();
  } catch (error) {
    if (!(error instanceof EkoError)) throw error;
    reply.error = { code: error.code, message: error.message };
  }
  reply.processes = network.processes();
  return JSON.stringify(reply);
}

function isSame(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
