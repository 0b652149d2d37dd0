import 'reflect-metadata';
import { KeyObject, webcrypto, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { CertificateAuthority } from '@eko/msp';

const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const KEYS = {
  'P-256': P256,
  'P-384': { name: 'ECDSA', namedCurve: 'P-384' },
  Ed25519: { name: 'Ed25519' },
  RSA: {
    name: 'RSASSA-PKCS1-v1_5',
    modulusLength: 2048,
    publicExponent: Uint8Array.of(1, 0, 1),
    hash: 'SHA-256',
  },
};
const DAY_MS = 24 * 3600 * 1000;

/** A certificate that no sound authority would issue, or that an authority of ours does not. */
export interface OddCertificate {
  readonly units?: readonly string[];
  /** What stands in its subject beside the units. */
  readonly subject?: x509.JsonName;
  readonly validFromDays?: number;
  readonly validForDays?: number;
  readonly isAuthority?: boolean;
  readonly keyAlgorithm?: keyof typeof KEYS;
}

/** Issues such a certificate under the authority's root, with its private key in PKCS #8 PEM. */
export async function issueOddCertificate(
  authority: CertificateAuthority,
  {
    units = ['client'],
    subject = [{ CN: ['odd'] }],
    validFromDays = 0,
    validForDays = 2,
    isAuthority = false,
    keyAlgorithm = 'P-256',
  }: OddCertificate,
): Promise<{ certificatePem: string; privateKeyPem: string }> {
  const rootKey = Buffer.from(authority.root.privateKeyPem.replace(/-----[A-Z ]+-----|\s/g, ''), 'base64');
  const signingKey = await webcrypto.subtle.importKey('pkcs8', rootKey, P256, false, ['sign']);
  const keys = (await webcrypto.subtle.generateKey(KEYS[keyAlgorithm], true, [
    'sign',
    'verify',
  ])) as webcrypto.CryptoKeyPair;
  const notBefore = Date.now() + validFromDays * DAY_MS;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: '0101',
    subject: [...units.map((unit) => ({ OU: [unit] })), ...subject],
    issuer: new x509.X509Certificate(authority.root.certificatePem).subjectName,
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: P256,
    notBefore: new Date(notBefore),
    notAfter: new Date(notBefore + validForDays * DAY_MS),
    extensions: [new x509.BasicConstraintsExtension(isAuthority, undefined, true)],
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return {
    certificatePem: new X509Certificate(Buffer.from(certificate.rawData)).toString(),
    privateKeyPem: `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`,
  };
}

/** The curve of a certificate's key. */
export type Curve = 'P-256' | 'P-384';

/** A self-signed TLS certificate of a fresh key, in DER, and the key in PEM. */
export interface SelfSignedTls {
  readonly certificateDer: Uint8Array;
  readonly key: Uint8Array;
}

/** Makes a key and signs its certificate with it. */
export async function selfSignedTls(commonName: string, curve: Curve = 'P-256'): Promise<SelfSignedTls> {
  const algorithm = { name: 'ECDSA', namedCurve: curve, hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [commonName] }],
    keys,
    notBefore: new Date('2024-01-01T00:00:00Z'),
    notAfter: new Date('2044-01-01T00:00:00Z'),
    signingAlgorithm: algorithm,
  });
  const pem = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' });
  return { certificateDer: new Uint8Array(certificate.rawData), key: Buffer.from(pem) };
}

/** A key and a self-signed certificate of it, in PEM: what a server without the stream's key could show. */
export async function newRogueCertificate(): Promise<{ readonly key: string; readonly cert: string }> {
  const { certificateDer, key } = await selfSignedTls('localhost');
  return {
    key: Buffer.from(key).toString(),
    cert: new X509Certificate(Buffer.from(certificateDer)).toString(),
  };
}
