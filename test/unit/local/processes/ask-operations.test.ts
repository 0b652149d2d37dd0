import { askOperations } from '../../../../network/local/src/processes/ask-operations';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

describe('the question whether a process is well', () => {
  let server: Server;
  const ask = async (answer: RequestListener) => {
    server = createServer(answer).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return askOperations((server.address() as AddressInfo).port, '/healthz');
  };
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it('is answered by status, with the reasons of the process itself', async () => {
    expect(await ask((_, answer) => answer.end('all is well'))).toEqual({
      isWell: true,
      reasons: 'all is well',
    });
  });

  it('is not answered by what has no end', async () => {
    const flood: RequestListener = (_, answer) => {
      const piece = Buffer.alloc(64 * 1024, 'x');
      const more = (): void => {
        while (answer.write(piece));
      };
      answer.on('drain', more);
      more();
    };
    expect(await ask(flood)).toEqual({ isWell: false, reasons: 'its answer has no end' });
  });
});
