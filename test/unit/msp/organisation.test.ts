import { webcrypto, X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CertificateAuthority,
  createOrganisation,
  issueIdentity,
  openIdentity,
  type KeyPair,
  type Organisation,
} from '@eko/msp';
import * as x509 from '@peculiar/x509';

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

  it('issues as Fabric’s own authorities expect: with their key’s name, and not from before they began', async () => {
    const begins = new Date(Date.now() + 60_000);
    const keyName = '5a'.repeat(32);
    const foreign = await CertificateAuthority.open(await foreignRoot(begins, keyName));
    const { certificatePem } = await foreign.issue({ commonName: 'alice', role: 'client' });
    const issued = new x509.X509Certificate(certificatePem);
    expect(issued.notBefore.getTime()).toBeGreaterThanOrEqual(Math.floor(begins.getTime() / 1_000) * 1_000);
    expect(issued.getExtension(x509.AuthorityKeyIdentifierExtension)?.keyId).toBe(keyName);
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

/** The root of another authority, which begins at some time and has named its key in its own way. */
async function foreignRoot(begins: Date, keyName: string): Promise<KeyPair> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=ca.org1.example.com',
    keys,
    notBefore: begins,
    notAfter: new Date(begins.getTime() + 3_600_000),
    signingAlgorithm: algorithm,
    extensions: [new x509.BasicConstraintsExtension(true), new x509.SubjectKeyIdentifierExtension(keyName)],
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  const privateKeyPem = `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`;
  return { certificatePem: certificate.toString('pem'), privateKeyPem };
}
