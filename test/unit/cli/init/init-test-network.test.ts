import { issueIdentity } from '@eko/msp';
import { readFabricProfile } from '@eko/sdk';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { commandLine } from '../../../support/in-process/command-line';
import { connectionProfile, init, json } from '../../../support/in-process/init-command';
import { openOrganisation } from '../../../support/in-process/ledger-harness';
import { issueOddCertificate } from '../../../support/data/certificates';
import { temporaryFolders } from '../../../support/temporary-folder';

const newFolder = temporaryFolders();

describe('eko init --test-network', () => {
  let pristine: string;
  let network: string;
  let output: string;
  const at = (...path: readonly string[]): string =>
    join(network, 'organizations/peerOrganizations', ...path);
  const msp = (...path: readonly string[]): string =>
    at('org1.example.com/users/User1@org1.example.com/msp', ...path);

  beforeAll(async () => {
    pristine = newFolder();
    writeFileSync(join(pristine, 'network.sh'), '#!/bin/sh\n');
    for (const number of [1, 2]) await layOutOrganisation(join(pristine, 'organizations'), number);
  });

  beforeEach(() => {
    network = newFolder();
    cpSync(pristine, network, { recursive: true });
    output = join(newFolder(), 'profiles');
  });

  it('writes a profile an organisation, which names the files where they are', async () => {
    const result = await init('--test-network', network, '--output', output);
    expect(result).toMatchObject({ status: 0, profiles: [{ mspId: 'Org1MSP' }, { mspId: 'Org2MSP' }] });
    expect(readdirSync(output).sort()).toEqual(['Org1MSP-User1.json', 'Org2MSP-User1.json']);
    expect(json(join(output, 'Org1MSP-User1.json'))).toEqual({
      endpoint: 'localhost:7051',
      hostAlias: 'peer0.org1.example.com',
      mspId: 'Org1MSP',
      channel: 'mychannel',
      chaincode: 'eko',
      tlsCaPath: at('org1.example.com/peers/peer0.org1.example.com/tls/ca.crt'),
      certificatePath: msp('signcerts/User1@org1.example.com-cert.pem'),
      privateKeyPath: msp('keystore/priv_sk'),
    });
    expect(json(join(output, 'Org2MSP-User1.json'))).toMatchObject({ endpoint: 'localhost:9051' });
  });

  it('says where it takes an address for granted, and how to give another', async () => {
    const assumed = ['--test-network', network, '--org', '1', '--output'];
    expect(await init(...assumed, newFolder())).toMatchObject({
      profiles: [{ warnings: [expect.stringMatching(/localhost:7051 .*--endpoint/)] }],
    });
    expect(await init(...assumed, newFolder(), '--endpoint', 'localhost:7051')).toMatchObject({
      profiles: [{ warnings: [] }],
    });
  });

  it('writes what the SDK loads, readable for its owner alone', async () => {
    const file = join(output, 'fabric.json');
    const chosen = ['--org', '1', '--channel', 'trade', '--chaincode', 'keys'];
    await init('--test-network', network, ...chosen, '--output', file);
    expect(await readFabricProfile(file)).toMatchObject({
      mspId: 'Org1MSP',
      channel: 'trade',
      chaincode: 'keys',
      privateKeyPem: readFileSync(msp('keystore/priv_sk'), 'utf8'),
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('copies no private key', async () => {
    await init('--test-network', network, '--output', output);
    const key = readFileSync(msp('keystore/priv_sk'), 'utf8').split('\n')[1] ?? 'none';
    for (const name of readdirSync(output))
      expect(readFileSync(join(output, name), 'utf8')).not.toContain(key);
  });

  it('says what to do next', async () => {
    const { stdout } = await commandLine([
      'init',
      '--test-network',
      network,
      '--org',
      '1',
      '--output',
      output,
    ]);
    expect(stdout).toContain(`eko doctor --profile ${join(output, 'Org1MSP-User1.json')}`);
  });

  it('takes the key that belongs to the certificate, where the keystore has several', async () => {
    renameSync(msp('keystore/priv_sk'), msp('keystore/zz_sk'));
    cpSync(at('org2.example.com/users/User1@org2.example.com/msp/keystore/priv_sk'), msp('keystore/aa_sk'));
    const result = await init('--test-network', network, '--org', '1', '--output', output);
    expect(result).toMatchObject({ profiles: [{ privateKeyPath: msp('keystore/zz_sk') }] });
  });

  it('takes address and MSP ID from the connection profile of the organisation', async () => {
    const connection = at('org1.example.com/connection-org1.json');
    const text = JSON.stringify(
      connectionProfile(1, 'pem', { endpoint: 'localhost:17051', mspId: 'FirstMSP' }),
    );
    writeFileSync(connection, text);
    const result = await init('--test-network', network, '--msp', 'FirstMSP', '--output', output);
    expect(result).toMatchObject({
      profiles: [{ mspId: 'FirstMSP', endpoint: 'localhost:17051', warnings: [] }],
    });
  });

  it('finds the organisations in the folder of fabric-samples, and in one with nothing else', async () => {
    const samples = newFolder();
    cpSync(network, join(samples, 'test-network'), { recursive: true });
    for (const folder of [samples, join(network, 'organizations')]) {
      expect(await init('--test-network', folder, '--org', '2', '--output', newFolder())).toMatchObject({
        profiles: [{ mspId: 'Org2MSP' }],
      });
    }
  });

  it('asks for what an organisation of another name does not tell', async () => {
    renameSync(at('org2.example.com'), at('bank.example'));
    renameSync(at('bank.example/users/User1@org2.example.com'), at('bank.example/users/User1@bank.example'));
    const bank = ['--test-network', network, '--org', 'bank.example', '--output', output];
    expect(await init(...bank)).toMatchObject({ status: 2, details: { option: 'msp' } });
    expect(await init(...bank, '--msp', 'BankMSP')).toMatchObject({
      status: 2,
      details: { option: 'endpoint' },
    });
    expect(await init(...bank, '--msp', 'BankMSP', '--endpoint', 'bank.example:7051')).toMatchObject({
      profiles: [{ mspId: 'BankMSP', endpoint: 'bank.example:7051' }],
    });
  });

  it('warns of an administrator', async () => {
    const result = await init('--test-network', network, '--org', '1', '--user', 'Admin', '--output', output);
    expect(result).toMatchObject({
      profiles: [{ warnings: expect.arrayContaining([expect.stringContaining('administrator')]) as unknown }],
    });
  });

  it('replaces nothing unless it is told to', async () => {
    const args = ['--test-network', network, '--output', output];
    await init(...args, '--org', '2');
    const before = readFileSync(join(output, 'Org2MSP-User1.json'), 'utf8');
    expect(await init(...args, '--channel', 'other')).toMatchObject({
      status: 4,
      code: 'ALREADY_EXISTS',
      next: expect.stringContaining('--force') as string,
    });
    // Neither the one that is there, nor the other one.
    expect(readdirSync(output)).toEqual(['Org2MSP-User1.json']);
    expect(readFileSync(join(output, 'Org2MSP-User1.json'), 'utf8')).toBe(before);
    expect(await init(...args, '--channel', 'other', '--force')).toMatchObject({ status: 0 });
    expect(json(join(output, 'Org2MSP-User1.json'))).toMatchObject({ channel: 'other' });
  });

  it.each([
    ['a folder without a network', () => newFolder(), 'NOT_FOUND', 'fabric-samples'],
    [
      'a network that is not up',
      () => {
        rmSync(join(network, 'organizations'), { recursive: true });
        return network;
      },
      'BAD_STATE',
      './network.sh up',
    ],
  ])('refuses %s, and says what to do', async (_what, folder, code, next) => {
    expect(await init('--test-network', folder(), '--output', output)).toMatchObject({
      code,
      next: expect.stringContaining(next) as string,
    });
    expect(existsSync(output)).toBe(false);
  });

  it.each([
    ['an organisation that is not there', ['--org', '7'], 'org1.example.com (Org1MSP), org2.example.com'],
    ['an MSP that is not there', ['--msp', 'Org7MSP'], 'Org1MSP'],
    ['a user that is not there', ['--user', 'Bob'], 'Admin, User1'],
    ['one file for two profiles', ['--output', 'both.json'], 'Org1MSP, Org2MSP'],
    ['a channel that is no name', ['--channel', 'No Channel'], 'channel'],
    ['a chaincode that is no name', ['--chaincode', '-x'], 'chaincode'],
    ['an endpoint that is none', ['--endpoint', 'grpcs://localhost:7051'], 'host:port'],
    ['an option of the other way', ['--certificate', 'x.pem'], '--certificate'],
    ['both ways', ['--connection-profile', 'x.json'], '--connection-profile'],
  ])('refuses %s, naming what there is', async (_what, args, named) => {
    const result = await init(
      '--test-network',
      network,
      ...args,
      ...(args[0] === '--output' ? [] : ['--output', output]),
    );
    expect(result).toMatchObject({ status: 2, message: expect.stringContaining(named) as string });
  });

  it.each([
    ['no certificate', () => rmSync(msp('signcerts'), { recursive: true }), 'signcerts'],
    ['no key', () => rmSync(msp('keystore/priv_sk')), 'keystore'],
    [
      'no peer’s TLS authority',
      () => rmSync(at('org1.example.com/peers/peer0.org1.example.com/tls/ca.crt')),
      'ca.crt',
    ],
    [
      'the key of another',
      () =>
        cpSync(
          at('org2.example.com/users/User1@org2.example.com/msp/keystore/priv_sk'),
          msp('keystore/priv_sk'),
        ),
      'is not that of',
    ],
    [
      'authorities of a network that is gone',
      () =>
        cpSync(
          at('org2.example.com/msp/cacerts/ca.org2.example.com-cert.pem'),
          at('org1.example.com/msp/cacerts/ca.org1.example.com-cert.pem'),
        ),
      'not issued by',
    ],
  ])('refuses a user with %s', async (_what, breakIt, named) => {
    breakIt();
    const result = await init('--test-network', network, '--org', '1', '--output', output);
    expect([4, 78]).toContain(result['status']);
    expect(result).toMatchObject({ message: expect.stringContaining(named) as string });
    expect(existsSync(output)).toBe(false);
  });

  it('refuses an identity that has expired', async () => {
    const organisation = await openOrganisation(join(network, 'organizations'), 1);
    const odd = await issueOddCertificate(organisation.ca, { validFromDays: -10, validForDays: 9 });
    writeFileSync(msp('signcerts/User1@org1.example.com-cert.pem'), odd.certificatePem);
    writeFileSync(msp('keystore/priv_sk'), odd.privateKeyPem);
    expect(await init('--test-network', network, '--org', '1', '--output', output)).toMatchObject({
      status: 78,
      message: expect.stringContaining('expired') as string,
      next: expect.stringContaining('reenroll') as string,
    });
  });
});

/** An organisation as cryptogen lays it out, with a user and an administrator. */
async function layOutOrganisation(directory: string, number: number): Promise<void> {
  const organisation = await openOrganisation(directory, number);
  await issueIdentity(organisation, { name: 'User1' });
  await issueIdentity(organisation, { name: 'Admin', role: 'admin' });
  const tls = join(organisation.folder, `peers/peer0.org${number}.example.com/tls`);
  mkdirSync(tls, { recursive: true });
  writeFileSync(join(tls, 'ca.crt'), organisation.tlsCa.root.certificatePem);
}
