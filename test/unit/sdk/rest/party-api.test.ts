import { createServer, type Server, type ServerResponse } from 'node:http';
import { PartyApi } from '../../../../client-sdk/sdk/src/rest/party-api';
import { listenLocally } from '../../../support/in-process/raw-tls';

describe('the party API at the command', () => {
  let server: Server;
  let answer: (response: ServerResponse) => void;
  let origin: URL;
  beforeEach(async () => {
    server = createServer((_request, response) => {
      answer(response);
    });
    origin = new URL(`http://127.0.0.1:${await listenLocally(server)}`);
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const list = (signal = new AbortController().signal) =>
    new PartyApi({ address: origin, token: 'token' }, signal).list({});

  it('stops reading an answer that has no end', async () => {
    answer = (response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(64 * 1024, ' ')));
      };
      response.on('drain', more);
      more();
    };
    await expect(list()).rejects.toMatchObject({ code: 'TOO_LARGE' });
  });

  it('says so when it is stopped in the middle of an answer', async () => {
    const controller = new AbortController();
    const { fetch } = globalThis;
    jest.spyOn(globalThis, 'fetch').mockImplementationOnce(async (...request) => {
      const begun = await fetch(...request);
      controller.abort();
      return begun;
    });
    answer = (response) => void response.write('{');
    await expect(list(controller.signal)).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('says that the party is gone when an answer breaks off', async () => {
    answer = (response) => {
      response.write('{', () => response.destroy());
    };
    await expect(list()).rejects.toMatchObject({ code: 'PEER_UNAVAILABLE' });
  });
});
