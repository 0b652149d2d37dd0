// The ledger comes first: it silences what the contract API says of every decorator.
import '@eko/embedded-ledger';
import { contracts as ekoContracts } from '@eko/chaincode';
import type { Organisation } from '@eko/msp';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { checkTls } from '../../../client-sdk/cli/src/doctor/check-tls';
import type { Finding } from '../../../client-sdk/cli/src/doctor/finding';
import {
  examine,
  startExaminedLedger,
  troubles,
  type ExaminedLedger,
} from '../../support/in-process/examined-ledger';
import { issueOddCertificate } from '../../support/data/certificates';
import { startRefusingGateway } from './refusing-gateway';

describe('eko doctor on an address without a gateway peer', () => {
  let organisation: Organisation;
  let eko: ExaminedLedger;
  beforeAll(async () => {
    eko = await startExaminedLedger(ekoContracts);
    organisation = eko.organisation;
  });
  afterAll(() => eko.stop());

  const listening = (onConnection: Parameters<typeof createServer>[1]): Promise<Server> =>
    new Promise((resolve) => {
      const server = createServer({}, onConnection).listen(0, '127.0.0.1', () => resolve(server));
    });
  const endpointOf = (server: Server): string => `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const checked = async (endpoint: string, deadlineMs?: number): Promise<Finding | undefined> => {
    const tlsCaPem = organisation.tlsCa.root.certificatePem;
    const { signal } = new AbortController();
    return (await checkTls({ endpoint, tlsCaPem }, Date.now(), signal, deadlineMs))[0];
  };

  it('says that nobody listens', async () => {
    const server = await listening(() => undefined);
    const endpoint = endpointOf(server);
    await new Promise((resolve) => server.close(resolve));
    expect(await checked(endpoint)).toMatchObject({ text: `Nothing listens on ${endpoint}` });
  });

  it('says that there is no TLS', async () => {
    const server = await listening((socket) =>
      socket.on('error', () => undefined).end('HTTP/1.1 400 no\r\n\r\n'),
    );
    expect(await checked(endpointOf(server))).toMatchObject({
      text: expect.stringContaining('speaks no TLS') as string,
    });
    server.close();
  });

  it('waits no longer than its deadline for an answer', async () => {
    const server = await listening((socket) => socket.on('error', () => undefined));
    expect(await checked(endpointOf(server), 50)).toMatchObject({
      code: 'LEDGER_UNAVAILABLE',
      text: expect.stringContaining('in time') as string,
    });
    server.close();
  });

  it.each([
    [
      'an orderer or a peer without its gateway',
      'UNIMPLEMENTED',
      'gateway',
      'INVALID_CONFIG',
      'peer.gateway.enabled',
    ],
    [
      'a peer with too many calls',
      'RESOURCE_EXHAUSTED',
      'gateway',
      'RATE_LIMITED',
      'limits.concurrency.gatewayService',
    ],
    ['a peer that gives up', 'UNAVAILABLE', 'gateway', 'LEDGER_UNAVAILABLE', 'clientAuthRequired'],
    ['a chaincode that fails', 'UNKNOWN', 'chaincode', 'INVALID_CONFIG', 'log'],
  ] as const)('knows %s', async (_what, status, check, code, fix) => {
    const gateway = await startRefusingGateway(
      await organisation.tlsCa.issue({ commonName: 'p', hosts: ['127.0.0.1'] }),
      {
        evaluate: status,
      },
    );
    const findings = await examine({ ...eko.files, hostAlias: '127.0.0.1', endpoint: gateway.endpoint });
    gateway.stop();
    expect(troubles(findings)).toEqual([`${check}: failure`]);
    expect(findings.get(check)).toMatchObject({ code, fix: expect.stringContaining(fix) as string });
  });

  it('says that a subscription is one call too many', async () => {
    const gateway = await startRefusingGateway(
      await organisation.tlsCa.issue({ commonName: 'p', hosts: ['127.0.0.1'] }),
      {
        chaincodeEvents: 'RESOURCE_EXHAUSTED',
      },
    );
    const findings = await examine({ ...eko.files, hostAlias: '127.0.0.1', endpoint: gateway.endpoint });
    gateway.stop();
    expect(findings.get('events')).toMatchObject({
      code: 'RATE_LIMITED',
      fix: expect.stringContaining('holds one place') as string,
    });
  });

  it.each([
    ['expired', { validFromDays: -10, validForDays: 9 }, 'failure', 'expired on'],
    ['about to expire', { validFromDays: 0, validForDays: 20 }, 'warning', 'days are left'],
  ])('tells of a TLS certificate that is %s', async (_what, validity, status, words) => {
    const gateway = await startRefusingGateway(await issueOddCertificate(organisation.tlsCa, validity), {});
    const findings = await examine({ ...eko.files, endpoint: gateway.endpoint });
    gateway.stop();
    expect(findings.get('TLS chain')).toMatchObject({
      status,
      text: expect.stringContaining(words) as string,
      fix: expect.stringContaining('enrols') as string,
    });
    // It has no name at all, either.
    expect(findings.get('TLS name')).toMatchObject({ status: 'failure' });
  });
});
