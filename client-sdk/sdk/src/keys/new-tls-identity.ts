import { randomBytes } from 'node:crypto';
import { encodeHex } from '@eko/protocol/encoding';
import type { TlsIdentity } from './tls-identity';

/** The ledger pins the certificate, so it ends by an update there and not by its date. @see RFC 5280 4.1.2.5 */
const NO_EXPIRY = new Date('9999-12-31T23:59:59Z');
const DAY_MS = 24 * 3600 * 1000;
const EC_P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/**
 * Makes a P-256 key and a self-signed certificate of it with the node's ID as common name.
 *
 * @see docs/protocol.md, "The ledger is the directory"
 */
export async function newTlsIdentity(nodeId: string): Promise<TlsIdentity> {
  // Loaded here only: making keys is rare, and these libraries are slow to load.
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  const keys = await crypto.subtle.generateKey(EC_P256, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: encodeHex(randomBytes(16)),
    name: `CN=${nodeId}`,
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: NO_EXPIRY,
    signingAlgorithm: EC_P256,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([
        x509.ExtendedKeyUsage.serverAuth,
        x509.ExtendedKeyUsage.clientAuth,
      ]),
    ],
  });
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey('pkcs8', keys.privateKey));
  const pem = x509.PemConverter.encode(pkcs8, 'PRIVATE KEY');
  pkcs8.fill(0);
  return {
    key: new TextEncoder().encode(`${pem}\n`),
    certificate: certificate.toString('pem') + '\n',
    certificateDer: new Uint8Array(certificate.rawData),
  };
}
