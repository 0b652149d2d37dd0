import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import type { StreamRequest } from '@eko/protocol';
import type { EkoClient, EkoStream } from '@eko/sdk';
import { EndpointPolicy } from '@eko/sdk/node';
import { INITIATOR, PROVIDER } from '../../support/simulated/simulated-dealing';
import { ClientHarness } from '../../support/simulated/client-harness';

const REQUEST: StreamRequest = { dataType: 'file', permissions: ['read'] };

describe('the address that a provider registers for streams', () => {
  let harness: ClientHarness;
  let provider: EkoClient;
  beforeEach(async () => {
    harness = new ClientHarness();
    provider = await harness.connect(PROVIDER);
  });
  const closers: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
    await provider.close();
  });

  const requestWith = async (endpoints: EndpointPolicy): Promise<EkoStream> => {
    const initiator = await harness.connect(INITIATOR, { endpoints });
    closers.push(() => initiator.close());
    const stream = await initiator.requestStream(harness.policy, REQUEST);
    await stream.whenActive();
    return stream;
  };

  /** A program inside the initiator's network, which counts who connects. */
  async function innerProgram() {
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    server.listen(0, '127.0.0.1');
    closers.push(() => server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return { port, connections: () => connections };
  }

  it.each([
    ['an address inside', (port: number) => `127.0.0.1:${port}`, 'ENDPOINT_REFUSED'],
    ['a metadata service', () => '169.254.169.254:8080', 'ENDPOINT_REFUSED'],
    ['a name that leads inside', (port: number) => `provider.example:${port}`, 'ENDPOINT_REFUSED'],
    ['a short form', (port: number) => `127.1:${port}`, 'INVALID_ENDPOINT'],
    ['a number', (port: number) => `2130706433:${port}`, 'INVALID_ENDPOINT'],
    ['a port of the system', () => '127.0.0.1:22', 'INVALID_ENDPOINT'],
  ])('does not lead an initiator to %s', async (_what, addressOf, code) => {
    const inner = await innerProgram();
    harness.register(addressOf(inner.port));
    const stream = await requestWith(new EndpointPolicy({ resolve: async () => ['127.0.0.1'] }));
    await expect(stream.open({ deadlineMs: 5_000 })).rejects.toMatchObject({ code });
    expect(inner.connections()).toBe(0);
  });

  it('is looked up once for a connection, so that the second answer of a resolver leads nowhere', async () => {
    const inner = await innerProgram();
    // Where the system's own resolver would lead: nowhere, so a second look-up shows as a failure too.
    const asked: string[] = [];
    const endpoints = new EndpointPolicy({
      allowAddresses: ['127.0.0.2/32'],
      resolve: async (host) => {
        asked.push(host);
        return [asked.length === 1 ? '127.0.0.2' : '127.0.0.1'];
      },
    });
    await provider.listen((connection) => void connection.end('the provider'), {
      host: '127.0.0.2',
      port: inner.port,
    });
    harness.register(`Provider.example:${inner.port}`);
    const stream = await requestWith(endpoints);
    const connection = await stream.open();
    expect(String((await once(connection, 'data'))[0])).toBe('the provider');
    expect(asked).toEqual(['provider.example']);
    connection.destroy();
    await expect(stream.open({ deadlineMs: 5_000 })).rejects.toMatchObject({ code: 'ENDPOINT_REFUSED' });
    expect(inner.connections()).toBe(0);
  });
});
