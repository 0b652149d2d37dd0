import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOrganisation, issueIdentity, openIdentity, type Organisation } from '@eko/embedded-ledger';

describe('an organisation on disk', () => {
  let directory: string;
  let organisation: Organisation;

  const open = (): Promise<Organisation> =>
    createOrganisation({ directory, mspId: 'Org1MSP', domain: 'org1.example.com' });

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'eko-organisation-'));
    organisation = await open();
  });

  afterEach(async () => {
    await rm(directory, { recursive: true });
  });

  it('lays a user out as Fabric’s own tools do', async () => {
    const alice = await issueIdentity(organisation, { name: 'alice', attributes: { colour: 'blue' } });
    const user = join(directory, 'peerOrganizations/org1.example.com/users/alice@org1.example.com/msp');
    expect(alice.mspFolder).toBe(user);
    expect(await readdir(join(user, 'signcerts'))).toEqual(['alice@org1.example.com-cert.pem']);
    expect(await readdir(join(user, 'keystore'))).toEqual(['priv_sk']);
    expect(await readdir(join(user, 'cacerts'))).toEqual(['ca.org1.example.com-cert.pem']);
    expect(await readFile(join(user, 'config.yaml'), 'utf8')).toContain(
      'OrganizationalUnitIdentifier: client',
    );
    const certificate = new X509Certificate(
      await readFile(join(user, 'signcerts/alice@org1.example.com-cert.pem')),
    );
    expect(certificate.subject).toBe('OU=client\nCN=alice@org1.example.com');
    expect(certificate.verify(new X509Certificate(organisation.ca.root.certificatePem).publicKey)).toBe(true);
    expect(certificate.toString()).toBe(alice.certificatePem);
  });

  it('keeps private keys to their owner', async () => {
    await issueIdentity(organisation, { name: 'alice' });
    const files = await readdir(directory, { recursive: true, withFileTypes: true });
    const keys = files.filter(({ name }) => name === 'priv_sk');
    expect(keys).toHaveLength(3);
    for (const key of keys) expect((await stat(join(key.parentPath, key.name))).mode & 0o777).toBe(0o600);
  });

  it('is the same when it is opened again', async () => {
    const alice = await openIdentity(organisation, { name: 'alice', role: 'admin' });
    const again = await open();
    expect(again.ca.root).toEqual(organisation.ca.root);
    expect(await openIdentity(again, { name: 'alice', role: 'admin' })).toEqual(alice);
    const bob = await issueIdentity(again, { name: 'bob' });
    const root = new X509Certificate(organisation.ca.root.certificatePem);
    expect(new X509Certificate(bob.certificatePem).checkIssued(root)).toBe(true);
  });
});
