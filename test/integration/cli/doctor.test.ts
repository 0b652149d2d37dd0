// The ledger comes first: it silences what the contract API says of every decorator.
import { CertificateAuthority, createOrganisation, issueIdentity } from '@eko/msp';
import { RegistryContract, contracts as ekoContracts } from '@eko/chaincode';
import { TRANSACTIONS } from '@eko/protocol/ledger';
import { chmodSync, copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '../../../client-sdk/cli/src/doctor/finding';
import { checkVersion } from '../../../client-sdk/cli/src/doctor/check-version';
import { contractsAt } from '../../support/contracts/eko-ledger';
import { commandLine } from '../../support/in-process/command-line';
import {
  VERSION,
  examine,
  found,
  startExaminedLedger,
  troubles,
  type ExaminedLedger,
} from '../../support/in-process/examined-ledger';
import { issueOddCertificate } from '../../support/data/certificates';
import { SampleContract } from '../../support/in-process/sample-contract';

type Files = ExaminedLedger['files'];

const text = (file: string): string => readFileSync(file, 'utf8');
describe('eko doctor on the EKO contracts', () => {
  let eko: ExaminedLedger;
  beforeAll(async () => {
    eko = await startExaminedLedger(ekoContracts);
    const keys = join(eko.directory, 'keys');
    const profile = eko.put('alice.json', JSON.stringify(eko.files));
    await commandLine(['node', 'init', 'clinic', '--role', 'party', '--keys', keys]);
    const options = ['--role', 'party', '--keys', keys, '--profile', profile];
    expect(await commandLine(['node', 'register', 'clinic', ...options])).toMatchObject({ status: 0 });
  });
  afterAll(() => eko.stop());

  /** Another certificate for the profile, with its key. */
  const using = (pair: { certificatePem: string; privateKeyPem: string }): Files => ({
    ...eko.files,
    certificatePath: eko.put('certificate.pem', pair.certificatePem),
    privateKeyPath: eko.put('key.pem', pair.privateKeyPem),
  });

  it('finds nothing wrong with a profile that works', async () => {
    expect(found(await examine(eko.files))).toEqual(
      [
        ...['files', 'key mode', 'certificate', 'key', 'validity', 'role', 'chain', 'endpoint'],
        ...['TLS chain', 'TLS name', 'gateway', 'channel', 'identity', 'chaincode', 'version', 'clock'],
        ...['events', 'keepalive'],
      ].map((check) => `${check}: ok`),
    );
  });

  it('sees events where there are any, and else that no subscription is refused', async () => {
    expect((await examine(eko.files)).get('events')).toMatchObject({ text: 'arrive, from block 1 on' });
    const fresh = await startExaminedLedger(ekoContracts);
    expect((await examine(fresh.files)).get('events')).toMatchObject({
      status: 'ok',
      text: expect.stringContaining('no event yet') as string,
    });
    await fresh.stop();
  });

  it('ends with status 0, and prints one line a check', async () => {
    const profile = eko.put('profile.json', JSON.stringify(eko.files));
    const { status, stdout, stderr } = await commandLine(['doctor', '--profile', profile]);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout.trim().split('\n')).toHaveLength(19);
  });

  it('ends with the status of the first failure, and gives its fix as the next step', async () => {
    const profile = eko.put('profile.json', JSON.stringify({ ...eko.files, channel: 'nowhere' }));
    const { status, stdout, stderr } = await commandLine(['doctor', '--profile', profile, '--json']);
    expect(status).toBe(78);
    const { findings } = JSON.parse(stdout) as { findings: Finding[] };
    const channel = findings.find(({ check }) => check === 'channel');
    expect(channel).toMatchObject({ status: 'failure', code: 'INVALID_CONFIG' });
    expect(JSON.parse(stderr)).toMatchObject({
      error: { code: 'INVALID_CONFIG', next: expect.stringContaining('let the peer join') as string },
    });
  });

  it('says what is wrong with the profile itself', async () => {
    const { status, stdout } = await commandLine(['doctor', '--profile', eko.put('profile.json', '{}')]);
    expect(status).toBe(78);
    expect(stdout).toMatch(/^FAILURE {2}profile .+ endpoint is missing\n {9}fix: .*eko init/);
  });

  it('never prints a private key', async () => {
    const { privateKeyPem } = await issueIdentity(eko.other, { name: 'eve' });
    const files = { ...eko.files, privateKeyPath: eko.put('key.pem', privateKeyPem) };
    const profile = eko.put('profile.json', JSON.stringify(files));
    const { stdout, stderr } = await commandLine(['doctor', '--profile', profile, '--json']);
    const secret = privateKeyPem.split('\n')[1] ?? '';
    expect(secret.length).toBeGreaterThan(40);
    expect(stdout + stderr).not.toContain(secret);
  });

  it.each([
    [
      'a certificate that is not there',
      (files: Files) => ({ ...files, certificatePath: '/nowhere/cert.pem' }),
    ],
    ['a TLS authority that is none', (files: Files) => ({ ...files, tlsCaPath: files.privateKeyPath })],
  ])('refuses %s, and stops there', async (_what, change) => {
    const findings = await examine(change(eko.files));
    expect(found(findings)).toEqual(['files: failure']);
    expect(findings.get('files')).toMatchObject({ code: 'INVALID_CONFIG' });
  });

  it('refuses a key that others may read, with the command that mends it', async () => {
    const privateKeyPath = join(eko.directory, 'open.pem');
    copyFileSync(eko.files.privateKeyPath, privateKeyPath);
    chmodSync(privateKeyPath, 0o644);
    const findings = await examine({ ...eko.files, privateKeyPath });
    expect(troubles(findings)).toEqual(['key mode: failure']);
    expect(findings.get('key mode')).toMatchObject({ fix: `chmod 600 ${privateKeyPath}` });
  });

  it('refuses a certificate that is none, and one with something beside it', async () => {
    const { certificatePath, privateKeyPath } = eko.files;
    const none = await examine({ ...eko.files, certificatePath: privateKeyPath });
    expect(troubles(none)).toEqual(['certificate: failure']);
    const doubled = text(certificatePath) + text(certificatePath);
    const two = await examine(using({ certificatePem: doubled, privateKeyPem: text(privateKeyPath) }));
    expect(troubles(two)).toEqual(['certificate: failure']);
    expect(two.get('certificate')).toMatchObject({
      code: 'IDENTITY_NOT_CANONICAL',
      fix: expect.stringContaining('openssl x509') as string,
    });
  });

  it('refuses a kind of key that the chaincode does not take', async () => {
    const odd = await issueOddCertificate(eko.organisation.ca, { keyAlgorithm: 'P-384', validForDays: 90 });
    expect(troubles(await examine(using(odd)))).toEqual(['certificate: failure']);
  });

  it('refuses the key of another certificate', async () => {
    const { privateKeyPem } = await issueIdentity(eko.organisation, { name: 'bob' });
    const findings = await examine(using({ certificatePem: text(eko.files.certificatePath), privateKeyPem }));
    expect(troubles(findings)).toEqual(['key: failure']);
    expect(findings.get('key')).toMatchObject({ fix: expect.stringContaining('keystore') as string });
  });

  it.each([
    ['expired', { validFromDays: -10, validForDays: 9 }, 'failure'],
    ['that is not valid yet', { validFromDays: 2, validForDays: 90 }, 'warning'],
    ['that is valid for less than 30 days', { validFromDays: 0, validForDays: 20 }, 'warning'],
    ['that is valid for longer', { validFromDays: 0, validForDays: 40 }, 'ok'],
  ])('tells of a certificate %s', async (_what, validity, status) => {
    const findings = await examine(using(await issueOddCertificate(eko.organisation.ca, validity)));
    expect(findings.get('validity')).toMatchObject({ status });
    // What has expired here has expired for the channel, too.
    expect(findings.get('identity')?.status).toBe(status === 'failure' ? 'failure' : 'ok');
  });

  it.each([
    [['client'], 'ok'],
    [['admin'], 'warning'],
    [['peer'], 'failure'],
    [['client', 'admin'], 'failure'],
    [[], 'failure'],
  ])('looks for the role of a client in %j', async (units, status) => {
    const odd = await issueOddCertificate(eko.organisation.ca, { units, validForDays: 90 });
    expect((await examine(using(odd))).get('role')).toMatchObject({ status });
  });

  it('says what follows for approvals where certificates have no roles', async () => {
    const odd = await issueOddCertificate(eko.organisation.ca, { units: [], validForDays: 90 });
    const fix = expect.stringMatching(/NodeOUs.*eko node approve.*eko\.role/s) as string;
    expect((await examine(using(odd))).get('role')).toMatchObject({ code: 'FORBIDDEN', fix });
  });

  it('follows the chain to the authority that is named, or lies beside the certificate', async () => {
    const stranger = await CertificateAuthority.create('ca.org1.example.com', 'org1.example.com');
    const { certificatePem } = stranger.root;
    const file = eko.put('stranger.pem', certificatePem);
    expect(troubles(await examine(eko.files, file))).toEqual(['chain: failure']);
    // What lies there and is no certificate is not the same as nothing.
    const unreadable = await examine(eko.files, eko.files.privateKeyPath);
    expect(troubles(unreadable)).toEqual(['chain: failure']);
    expect(unreadable.get('chain')).toMatchObject({
      code: 'INVALID_CONFIG',
      text: expect.stringContaining('no certificate') as string,
    });
    // A network that was made anew, and a user of the one before.
    const before = await createOrganisation({
      directory: join(eko.directory, 'before'),
      mspId: 'Org1MSP',
      domain: 'org1.example.com',
    });
    const old = await issueIdentity(before, { name: 'alice' });
    const oldFiles = {
      certificatePath: join(old.mspFolder, 'signcerts/alice@org1.example.com-cert.pem'),
      privateKeyPath: join(old.mspFolder, 'keystore/priv_sk'),
    };
    const findings = await examine({ ...eko.files, ...oldFiles });
    expect(findings.get('chain')).toMatchObject({ status: 'ok' });
    expect(findings.get('identity')).toMatchObject({ status: 'failure', code: 'FORBIDDEN' });
    const moved = await examine(using(old));
    expect(moved.get('chain')).toMatchObject({ status: 'skipped' });
  });

  it('refuses an endpoint that is none', async () => {
    const findings = await examine({ ...eko.files, endpoint: `grpcs://${eko.files.endpoint}` });
    expect(troubles(findings)).toEqual(['endpoint: failure']);
    expect(findings.get('endpoint')).toMatchObject({ code: 'INVALID_CONFIG' });
  });

  it.each([
    [
      'another authority',
      'TLS chain',
      (files: Files) => ({ ...files, tlsCaPath: files.tlsCaPath.replaceAll('org1', 'org2') }),
    ],
    ['another name', 'TLS name', (files: Files) => ({ ...files, hostAlias: 'peer9.org1.example.com' })],
  ])('refuses %s than that of the peer', async (_what, check, change) => {
    const findings = await examine(change(eko.files));
    expect(troubles(findings)).toEqual([`${check}: failure`]);
  });

  it('names the alias that would fit', async () => {
    const findings = await examine({ ...eko.files, hostAlias: 'peer9.org1.example.com' });
    expect(findings.get('TLS name')).toMatchObject({
      fix: 'set hostAlias in the profile to peer0.org1.example.com',
    });
  });

  it.each([
    ['channel', { channel: 'nowhere' }, 'INVALID_CONFIG', 'peer channel join'],
    ['chaincode', { chaincode: 'another' }, 'LEDGER_UNAVAILABLE', 'querycommitted'],
    ['identity', { mspId: 'Org2MSP' }, 'FORBIDDEN', 'set mspId'],
  ])('refuses another %s', async (check, change, code, fix) => {
    const findings = await examine({ ...eko.files, ...change });
    expect(troubles(findings)).toEqual([`${check}: failure`]);
    expect(findings.get(check)).toMatchObject({ code, fix: expect.stringContaining(fix) as string });
  });
});

describe('eko doctor on other chaincode', () => {
  const on = async (
    contracts: Parameters<typeof startExaminedLedger>[0],
  ): Promise<ReadonlyMap<string, Finding>> => {
    const ledger = await startExaminedLedger(contracts);
    try {
      return await examine(ledger.files);
    } finally {
      await ledger.stop();
    }
  };

  it("refuses one that is not EKO's", async () => {
    const findings = await on([SampleContract]);
    expect(troubles(findings)).toEqual(['chaincode: failure']);
    expect(findings.get('clock')).toMatchObject({ status: 'skipped' });
  });

  it('refuses one that lacks transactions, and says which', async () => {
    const findings = await on([RegistryContract]);
    expect(troubles(findings)).toEqual(['version: failure']);
    expect(findings.get('version')).toMatchObject({
      code: 'UNSUPPORTED_VERSION',
      text: expect.stringContaining(TRANSACTIONS.requestStreams) as string,
    });
  });

  it.each([-61_000, -4_000, 4_000, 61_000])("finds a peer's clock %d ms from ours", async (shiftMs) => {
    const findings = await on(contractsAt(() => Date.now() + shiftMs));
    expect(troubles(findings)).toEqual(['clock: failure']);
    expect(findings.get('clock')).toMatchObject({
      code: 'CLOCK_SKEW',
      fix: expect.stringContaining('NTP') as string,
    });
  });

  it.each([-2_000, 2_000])("takes a peer's clock %d ms from ours", async (shiftMs) => {
    expect((await on(contractsAt(() => Date.now() + shiftMs))).get('clock')).toMatchObject({ status: 'ok' });
  });

  it.each([
    ['the same version', VERSION, 'ok'],
    ['no version', '', 'ok'],
    ['another version', '9.9.9', 'warning'],
  ])('takes every transaction under %s', (_what, version, status) => {
    const { findings } = checkVersion({ version, transactions: Object.values(TRANSACTIONS) }, 'eko', VERSION);
    expect(findings.map((finding) => finding.status)).toEqual(['ok', status]);
  });
});
