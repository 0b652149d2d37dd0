import 'reflect-metadata';
import { identityOf } from '../../../../client-sdk/protocol/src/node/identity-of';
import * as x509 from '@peculiar/x509';
import { X509Certificate, webcrypto } from 'node:crypto';
import { codedError } from '../../../support/coded-error';

/** Key parameters of WebCrypto, for certificates of other kinds than ours. */
interface Algorithm {
  readonly name: string;
  readonly namedCurve?: string;
  readonly hash?: string;
  readonly modulusLength?: number;
  readonly publicExponent?: Uint8Array;
}

/** Where Fabric CA puts attributes. */
const ATTRIBUTES = '1.2.3.4.5.6.7.8.1';
const P256: Algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

async function certificate(
  name: x509.JsonNameParams,
  algorithm = P256,
  keys?: webcrypto.CryptoKeyPair,
  extensions: readonly (readonly [type: string, content: string])[] = [],
): Promise<string> {
  const pair = keys ?? (await newKeys(algorithm));
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    name: new x509.Name(name),
    keys: pair,
    notBefore: new Date('2024-01-01T00:00:00Z'),
    notAfter: new Date('2044-01-01T00:00:00Z'),
    signingAlgorithm: algorithm,
    extensions: extensions.map(([type, content]) => new x509.Extension(type, false, Buffer.from(content))),
  });
  return new X509Certificate(Buffer.from(made.rawData)).toString();
}

const newKeys = async (algorithm: Algorithm) =>
  (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
const of = (text: string, mspid = 'Org1MSP') => identityOf({ mspid, idBytes: Buffer.from(text, 'latin1') });
const refusal = (text: string, mspid?: string) => codedError(() => of(text, mspid)).code;

describe('identityOf', () => {
  it('takes one canonical PEM block, with or without its last line feed, of P-256 or Ed25519', async () => {
    for (const algorithm of [P256, { name: 'Ed25519' }]) {
      const pem = await certificate([{ CN: ['someone'] }], algorithm);
      expect(of(pem)).toEqual(of(pem.trimEnd()));
      expect(of(pem)).toMatchObject({ mspId: 'Org1MSP', attributes: new Map() });
      expect(of(pem).identity).toMatch(/^[A-Za-z0-9_-]{43}$/);
    }
  });

  it('refuses every other form, so that no other reader can see another certificate in it', async () => {
    const pem = await certificate([{ CN: ['mallory'] }]);
    const other = await certificate([{ CN: ['alice'] }]);
    const der = Buffer.from(pem.replace(/-----[A-Z ]+-----|\s/g, ''), 'base64');
    const body = (bytes: Buffer) => bytes.toString('base64').replace(/(.{64})(?=.)/g, '$1\n');
    const framed = (text: string) => `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`;
    expect(of(framed(body(der)))).toEqual(of(pem));
    const hostile: Record<string, string> = {
      empty: '',
      'two blocks': other + pem,
      'leading blank': ` ${pem}`,
      'leading tab': `\t${pem}`,
      'leading comment': `# note\n${pem}`,
      'leading line feed': `\n${pem}`,
      'trailing byte': `${pem}x`,
      'trailing line feed': `${pem}\n`,
      'carriage returns': pem.replaceAll('\n', '\r\n'),
      'one carriage return': pem.replace('\n', '\r\n'),
      'one line': framed(der.toString('base64')),
      'short lines': framed(der.toString('base64').replace(/(.{60})(?=.)/g, '$1\n')),
      'empty line': pem.replace('\n', '\n\n'),
      'padding inside': pem.replace('=\n', '==\n').replace('M', '='),
      header: framed(`Proc-Type: 4,ENCRYPTED\n\n${body(der)}`),
      'other label': pem.replaceAll('CERTIFICATE', 'TRUSTED CERTIFICATE'),
      'no body': framed(''),
      'trailing DER': framed(body(Buffer.concat([der, Buffer.from([0])]))),
      'cut DER': framed(body(der.subarray(0, -1))),
      '20 kB': framed(body(Buffer.alloc(15_000))),
      'a NUL': pem.replace('MI', 'M\0I'),
    };
    for (const [name, text] of Object.entries(hostile))
      expect([name, refusal(text)]).toEqual([name, 'IDENTITY_NOT_CANONICAL']);
  });

  it('refuses keys of other kinds', async () => {
    const rsa = {
      name: 'RSASSA-PKCS1-v1_5',
      modulusLength: 2048,
      publicExponent: Uint8Array.of(1, 0, 1),
      hash: 'SHA-256',
    };
    for (const algorithm of [rsa, { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-256' }])
      expect(refusal(await certificate([{ CN: ['someone'] }], algorithm))).toBe('IDENTITY_NOT_CANONICAL');
  });

  it('refuses MSP IDs that are no short ASCII name', async () => {
    const pem = await certificate([{ CN: ['someone'] }]);
    for (const mspId of ['', 'a/b', 'a b', 'é', 'x'.repeat(65)])
      expect(refusal(pem, mspId)).toBe('IDENTITY_NOT_CANONICAL');
  });

  it('tells identities apart by key and MSP, whatever their names say', async () => {
    const names: x509.JsonName[] = [
      [{ OU: ['p/q/CN=bob'] }],
      [{ OU: ['p/q'] }, { CN: ['bob'] }],
      [{ CN: ['a::b'] }],
      [{ CN: ['a'] }, { O: ['::b'] }],
      [{ CN: ['x, OU=admin'] }],
    ];
    const found = await Promise.all(names.map(async (name) => of(await certificate(name)).identity));
    const same = await certificate([{ CN: ['same'] }]);
    found.push(of(same, 'Org1MSP').identity, of(same, 'Org2MSP').identity);
    expect(new Set(found).size).toBe(found.length);
  });

  it('keeps an identity when its certificate is renewed under the same key', async () => {
    const keys = await newKeys(P256);
    const [first, second] = [
      await certificate([{ CN: ['someone'] }], P256, keys),
      await certificate([{ CN: ['someone'] }, { O: ['renewed'] }], P256, keys),
    ];
    expect(of(first).identity).toBe(of(second).identity);
  });

  it('reads the role from the organisational units, of which exactly one may be a role', async () => {
    const cases: readonly [x509.JsonNameParams, string | undefined][] = [
      [[{ OU: ['admin'] }, { CN: ['a'] }], 'admin'],
      [[{ OU: ['org1'] }, { OU: ['client'] }, { CN: ['a'] }], 'client'],
      [[{ OU: ['client', 'org1', 'admin'] }, { CN: ['a'] }], undefined],
      [[{ OU: ['client'] }, { OU: ['admin'] }], undefined],
      [[{ OU: ['admin'] }, { OU: ['admin'] }], undefined],
      [[{ OU: [{ ia5String: 'admin' }] }], undefined],
      [[{ OU: [{ bmpString: 'admin' }] }], undefined],
      [[{ OU: ['Admin'] }], undefined],
      [[{ OU: [' admin'] }], undefined],
      [[{ OU: ['x\nOU=admin'] }], undefined],
      [[{ OU: ['x + OU=admin'] }], undefined],
      [[{ CN: ['admin'] }, { O: ['admin'] }], undefined],
      [[{ CN: ['OU=admin'] }], undefined],
    ];
    for (const [name, role] of cases) expect([name, of(await certificate(name)).role]).toEqual([name, role]);
  });

  it('reads the attributes that Fabric CA writes, and nothing of any other form', async () => {
    const whole = { attrs: { 'eko.role': 'witness', 'hf.Type': 'client' } };
    const cases: readonly [readonly (readonly [string, string])[], object][] = [
      [[[ATTRIBUTES, JSON.stringify(whole)]], whole.attrs],
      [[], {}],
      [[['1.2.3.4.5.6.7.8.2', JSON.stringify(whole)]], {}],
      [[[ATTRIBUTES, '{"attrs":{"eko.role":"witness","eko.role":"orchestrator"}}']], {}],
      [[[ATTRIBUTES, '{"attrs":{"eko.role":1}}']], {}],
      [[[ATTRIBUTES, '{"attrs":{},"more":1}']], {}],
      [[[ATTRIBUTES, 'eko.role=witness']], {}],
      [[[ATTRIBUTES, `{"attrs":{"eko.role":"${'w'.repeat(5000)}"}}`]], {}],
    ];
    for (const [extensions, attributes] of cases) {
      const pem = await certificate([{ CN: ['a'] }], P256, undefined, extensions);
      expect(Object.fromEntries(of(pem).attributes)).toEqual(attributes);
    }
  });
});
