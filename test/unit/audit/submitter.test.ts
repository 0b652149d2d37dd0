import 'reflect-metadata';
import { X509Certificate, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { identityOf } from '@eko/protocol/node';
import { submitterOf } from '../../../client-sdk/audit/src/submitter';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
/** Where Fabric CA puts attributes. */
const ATTRIBUTES = '1.2.3.4.5.6.7.8.1';
const COMMENT = '2.16.840.1.113730.1.13';
const VOUCHED = JSON.stringify({ attrs: { 'eko.role': 'witness' } });

async function certificate(
  units: readonly string[],
  extensions: readonly (readonly [type: string, content: Uint8Array])[] = [],
): Promise<string> {
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    name: new x509.Name([...units.map((unit) => ({ OU: [unit] })), { CN: ['a'] }]),
    keys: await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']),
    notBefore: new Date('2024-01-01T00:00:00Z'),
    notAfter: new Date('2044-01-01T00:00:00Z'),
    signingAlgorithm: ALGORITHM,
    extensions: extensions.map(([type, content]) => new x509.Extension(type, false, content)),
  });
  return new X509Certificate(Buffer.from(made.rawData)).toString();
}

/** The extension of Fabric CA as it stands in a certificate: its name, and an octet string. */
function asItStands(content: string): Uint8Array {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from('06082a0304050607080104', 'hex'), Buffer.of(bytes.length), bytes]);
}

describe('the submitter of a transaction, to who checks its history,', () => {
  const of = (certificatePem: string) => submitterOf({ mspId: 'Org1MSP', certificatePem });

  it('has the attributes of its extension, and none that are written anywhere else', async () => {
    const vouched = await certificate(['client'], [[ATTRIBUTES, Buffer.from(VOUCHED)]]);
    expect([...of(vouched).attributes]).toEqual([['eko.role', 'witness']]);
    const elsewhere = await certificate(['client'], [[COMMENT, asItStands(VOUCHED)]]);
    expect([...of(elsewhere).attributes]).toEqual([]);
    const both = [COMMENT, asItStands(VOUCHED)] as const;
    const none = [ATTRIBUTES, Buffer.from('{"attrs":{}}')] as const;
    expect([...of(await certificate(['client'], [both, none])).attributes]).toEqual([]);
  });

  it('is whom the contracts take it for, and nobody where they refuse it', async () => {
    for (const units of [['client'], ['admin'], ['client', 'admin'], []]) {
      const pem = await certificate(units);
      const { identity, role } = identityOf({ mspid: 'Org1MSP', idBytes: Buffer.from(pem) });
      expect(of(pem)).toMatchObject({ identity, isAdmin: role === 'admin' });
    }
    const admin = await certificate(['admin']);
    for (const text of ['', ` ${admin}`, admin + admin, admin.replaceAll('\n', '\r\n')])
      expect(of(text)).toEqual({
        mspId: 'Org1MSP',
        identity: undefined,
        isAdmin: false,
        attributes: new Map(),
      });
  });
});
