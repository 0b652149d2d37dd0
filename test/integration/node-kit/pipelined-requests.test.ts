import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { BearerTokens, Metrics, createLocalServer, startOperationsServer } from '@eko/node-kit';
import { type Refusal } from '../../../network/node-kit/src/http/connection-gate';
import { RecordingLogger } from '../../support/simulated/recording-logger';
import { temporaryFolders } from '../../support/temporary-folder';

const newFolder = temporaryFolders();

/** Sends the same request 1,000 times in one packet, and waits until the connection is over. */
async function floodWith(port: number, request: string): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.on('error', () => undefined).resume();
  socket.write(request.repeat(1_000));
  await once(socket, 'close');
}

describe('requests that do not wait for an answer end their connection', () => {
  it('at a local server', async () => {
    const file = join(newFolder(), 'api.token');
    writeFileSync(file, 'T'.repeat(43), { mode: 0o600 });
    const refused: Refusal[] = [];
    const server = await createLocalServer({
      routes: [],
      tokens: BearerTokens.read(file),
      logger: new RecordingLogger(),
      onRefused: (refusal) => refused.push(refusal),
    });
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
    await floodWith(port, 'GET /v1/nodes HTTP/1.1\r\nhost: x\r\n\r\n');
    await floodWith(port, 'GET /v1/nodes HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\n\r\n');
    expect(refused.length).toBeLessThan(5);
    expect(refused).toContain('rate');
    await server.close();
  });

  it('at a port for operations', async () => {
    const refused: Refusal[] = [];
    const server = await startOperationsServer({
      ...{ host: '127.0.0.1', port: 0, metrics: new Metrics(), role: 'party', readiness: () => [] },
      onRefused: (refusal) => refused.push(refusal),
    });
    await floodWith(server.port, 'GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n');
    expect(refused).toEqual(['rate']);
    await server.close();
  });
});
