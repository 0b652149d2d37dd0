import 'reflect-metadata';
import { KeyObject, randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** The role that a certificate gives its holder, as its organisational unit (Fabric's NodeOUs). */
export type NodeRole = 'client' | 'admin' | 'peer';

/** What a certificate says of its holder. */
export interface CertificateSubject {
  readonly commonName: string;
  readonly role?: NodeRole;
  /** Attributes in the form of Fabric CA, read in chaincode by `getAttributeValue`. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** Host names and IP addresses of a TLS server. */
  readonly hosts?: readonly string[];
}

/** A certificate and its private key. */
export interface KeyPair {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const VALIDITY_MS = 10 * 365 * 24 * 3600 * 1000;
const CLOCK_TOLERANCE_MS = 5 * 60 * 1000;
/** The extension in which Fabric CA puts attributes. */
const FABRIC_ATTRIBUTES_OID = '1.2.3.4.5.6.7.8.1';

/** One organisation's issuer of certificates: a self-signed P-256 root. */
export class CertificateAuthority {
  readonly #certificate: x509.X509Certificate;
  readonly #signingKey: webcrypto.CryptoKey;
  readonly root: KeyPair;

  private constructor(certificate: x509.X509Certificate, signingKey: webcrypto.CryptoKey, root: KeyPair) {
    this.#certificate = certificate;
    this.#signingKey = signingKey;
    this.root = root;
  }

  /** Makes a root with a fresh key. */
  static async create(name: string, organisation: string): Promise<CertificateAuthority> {
    const keys = await generateKeys();
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      name: [{ CN: [name] }, { O: [organisation] }],
      keys,
      ...validity(),
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return new CertificateAuthority(certificate, keys.privateKey, toKeyPair(certificate, keys.privateKey));
  }

  /** Takes up a root that was written down. */
  static async open(root: KeyPair): Promise<CertificateAuthority> {
    const pem = Buffer.from(root.privateKeyPem.replace(/-----[A-Z ]+-----|\s/g, ''), 'base64');
    const key = await webcrypto.subtle.importKey('pkcs8', pem, ALGORITHM, true, ['sign']);
    return new CertificateAuthority(new x509.X509Certificate(root.certificatePem), key, root);
  }

  /** Makes a key and a certificate for it. */
  async issue(subject: CertificateSubject): Promise<KeyPair> {
    const keys = await generateKeys();
    const certificate = await x509.X509CertificateGenerator.create({
      subject: [
        ...(subject.role === undefined ? [] : [{ OU: [subject.role] }]),
        { CN: [subject.commonName] },
      ],
      issuer: this.#certificate.subjectName,
      publicKey: keys.publicKey,
      signingKey: this.#signingKey,
      // Fabric checks a chain at the time at which its last certificate begins.
      ...validity(this.#certificate.notBefore),
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        await authorityKeyIdentifier(this.#certificate),
        ...serverExtensions(subject.hosts ?? []),
        ...attributeExtensions(subject.attributes ?? {}),
      ],
    });
    return toKeyPair(certificate, keys.privateKey);
  }
}

/**
 * Names the issuer's key as its own certificate does: Fabric's tools hash the key in another way than most, and OpenSSL
 * looks no further where the two differ.
 */
async function authorityKeyIdentifier(
  issuer: x509.X509Certificate,
): Promise<x509.AuthorityKeyIdentifierExtension> {
  const own = issuer.getExtension(x509.SubjectKeyIdentifierExtension);
  return own === null
    ? x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey)
    : new x509.AuthorityKeyIdentifierExtension(own.keyId);
}

async function generateKeys(): Promise<{ publicKey: webcrypto.CryptoKey; privateKey: webcrypto.CryptoKey }> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

/** From a few minutes ago, because clocks differ, but not from before the issuer. */
function validity(issuerBegins?: Date): { serialNumber: string; notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return {
    serialNumber: `01${randomBytes(15).toString('hex')}`,
    notBefore: new Date(Math.max(now - CLOCK_TOLERANCE_MS, issuerBegins?.getTime() ?? 0)),
    notAfter: new Date(now + VALIDITY_MS),
  };
}

function serverExtensions(hosts: readonly string[]): x509.Extension[] {
  if (hosts.length === 0) return [];
  const names = hosts.map((value) => ({
    type: /^[\d.]+$|:/.test(value) ? ('ip' as const) : ('dns' as const),
    value,
  }));
  return [
    new x509.SubjectAlternativeNameExtension(names),
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
  ];
}

function attributeExtensions(attributes: Readonly<Record<string, string>>): x509.Extension[] {
  if (Object.keys(attributes).length === 0) return [];
  return [
    new x509.Extension(FABRIC_ATTRIBUTES_OID, false, Buffer.from(JSON.stringify({ attrs: attributes }))),
  ];
}

/** The certificate is written by OpenSSL, whose PEM form is the one that Go writes too. */
function toKeyPair(certificate: x509.X509Certificate, privateKey: webcrypto.CryptoKey): KeyPair {
  return {
    certificatePem: new X509Certificate(Buffer.from(certificate.rawData)).toString(),
    privateKeyPem: KeyObject.from(privateKey).export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
