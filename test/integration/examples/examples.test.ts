import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { TRANSACTIONS } from '@eko/protocol/ledger';
import { EkoClient, readFabricProfile } from '@eko/sdk';
import { LiveNetwork } from '../../support/in-process/live-network';
import { ExampleProgram } from './example-program';
import { startLiveParty } from '../../support/in-process/live-parties';
import { isInstalled, describeIf } from '../../support/skip';

jest.setTimeout(120_000);

const hasCurl = isInstalled('curl', '--version');

describeIf(hasCurl, 'curl is not installed', 'the examples of the guides', () => {
  let network: LiveNetwork;
  beforeAll(async () => {
    network = await LiveNetwork.start({ orchestrators: 2, witnesses: 4 });
    await network.party('provider').ledger.submit(TRANSACTIONS.publishOffer, {
      nodeId: 'provider',
      offer: {
        offerId: 'files',
        dataTypes: ['file'],
        permissions: ['read'],
        maxDurationSeconds: 3_600,
        msps: ['Org1MSP', 'Org2MSP', 'Org3MSP'],
        minQuorum: 2,
        maxWitnesses: 3,
      },
    });
  });
  afterAll(() => network.stop());

  const identityOf = (nodeId: string) => {
    const { keysDirectory, ledgerProfile } = network.placesOf(nodeId);
    return { EKO_PROFILE: ledgerProfile, EKO_KEYS: keysDirectory };
  };

  it('show an initiator that reads from a provider, each with the SDK alone', async () => {
    const provider = new ExampleProgram('sdk-provider.mjs', {
      ...identityOf('provider'),
      EKO_STREAMS: `127.0.0.1:${network.placesOf('provider').port}`,
    });
    await provider.prints('provider is listening');
    const initiator = new ExampleProgram('sdk-initiator.mjs', identityOf('initiator'));
    expect([await initiator.exit(), initiator.output]).toEqual([
      0,
      expect.stringMatching(/^requested (\S+)\nhello, initiator\n\1 is ended\n$/),
    ]);
    await provider.prints('ended: completed, by initiator');
    expect(await provider.stop()).toBe(0);
  });

  it('show an initiator that ends its own side, for a provider that waits for it', async () => {
    const { keysDirectory, ledgerProfile, port } = network.placesOf('provider');
    await using provider = await EkoClient.connect({
      ledger: await readFabricProfile(ledgerProfile),
      keysDirectory,
      allowAddresses: ['127.0.0.0/8'],
    });
    const served = new Promise<string>((resolve) => {
      const serve = provider.listen(
        async (connection) => {
          connection.resume().end('all there is\n');
          resolve(
            await finished(connection).then(
              () => 'both sides ended',
              (error: unknown) => String(error),
            ),
          );
        },
        { host: '127.0.0.1', port },
      );
      serve.catch((error: unknown) => resolve(String(error)));
    });
    const initiator = new ExampleProgram('sdk-initiator.mjs', identityOf('initiator'));
    expect(await served).toBe('both sides ended');
    expect([await initiator.exit(), initiator.output]).toEqual([
      0,
      expect.stringMatching(/^requested (\S+)\nall there is\n\1 is ended\n$/),
    ]);
  });

  it.each([
    ['sdk-initiator.mjs', {}, 'EKO_PROFILE'],
    ['sdk-initiator.mjs', { EKO_PROFILE: 'fabric.json' }, 'EKO_KEYS'],
    ['sdk-provider.mjs', { EKO_PROFILE: 'fabric.json', EKO_KEYS: 'keys' }, 'EKO_STREAMS'],
  ])('say which variable is not set: %s with %j', async (file, environment, missing) => {
    const program = new ExampleProgram(file, environment);
    expect([await program.exit(), program.output]).toEqual([
      78,
      `set ${missing}: see the top of this file\n`,
    ]);
  });

  it('show a request over REST, and its end', async () => {
    const party = await startLiveParty(network, 'initiator');
    const program = new ExampleProgram('rest-request.sh', {
      EKO_API: party.api.address,
      EKO_TOKEN_FILE: party.tokenFile,
    });
    const status = await program.exit();
    await party.stop();
    const { output } = program;
    expect([status, output]).toEqual([0, expect.stringContaining('"state":"active"')]);
    expect(output.trimEnd().split('\n').at(-1)).toContain('"note":"that was all"');
    expect(output).not.toContain(party.api.token);
  });

  it.each([
    ['a stream that ends before it is active', { state: 'ended', end: { reason: 'declined' } }, 'declined'],
    ['a call that fails', undefined, 'NOT_FOUND'],
  ])('show how to stop waiting, for %s', async (_what, stream, said) => {
    const folder = mkdtempSync(join(tmpdir(), 'eko-example-'));
    const tokenFile = join(folder, 'api.token');
    writeFileSync(tokenFile, 'a token\n');
    const api = createServer((request, response) => {
      const isFound = request.method === 'POST' || stream !== undefined;
      response.writeHead(isFound ? 200 : 404, { 'content-type': 'application/json' });
      response.end(JSON.stringify(isFound ? (stream ?? {}) : { code: 'NOT_FOUND' }));
    }).listen(0, '127.0.0.1');
    await once(api, 'listening');
    const { port } = api.address() as AddressInfo;
    const program = new ExampleProgram('rest-request.sh', {
      EKO_API: `http://127.0.0.1:${port}`,
      EKO_TOKEN_FILE: tokenFile,
    });
    expect([await program.exit(), program.output]).toEqual([1, expect.stringContaining(said)]);
    api.close();
    rmSync(folder, { recursive: true });
  });
});
