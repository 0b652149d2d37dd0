import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { KeyObject, webcrypto } from 'node:crypto';

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
