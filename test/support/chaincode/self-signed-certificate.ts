import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { webcrypto } from 'node:crypto';

/** The curve of a certificate's key. */
export type Curve = 'P-256' | 'P-384';

/** A self-signed TLS certificate of a fresh key, in DER. */
export async function selfSignedCertificate(commonName: string, curve: Curve = 'P-256'): Promise<Uint8Array> {
  const algorithm = { name: 'ECDSA', namedCurve: curve, hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [commonName] }],
    keys,
    notBefore: new Date('2024-01-01T00:00:00Z'),
    notAfter: new Date('2044-01-01T00:00:00Z'),
    signingAlgorithm: algorithm,
  });
  return new Uint8Array(certificate.rawData);
}
