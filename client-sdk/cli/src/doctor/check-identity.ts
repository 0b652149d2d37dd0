import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { checkChain } from './check-chain';
import { failure, ok, skipped, warning, type Finding } from './finding';
import { checkValidity } from './validity';

/** An identity's files, read. */
export interface IdentityMaterial {
  readonly certificatePath: string;
  readonly certificatePem: string;
  readonly privateKeyPath: string;
  readonly privateKeyPem: string;
  /** Certificates of the authorities of its MSP, each file whole; none where they are not known. */
  readonly authorityPems: readonly string[];
}

const ENROL = 'enrol the identity anew with its CA (fabric-ca-client reenroll)';
const UNITS = ['client', 'admin', 'peer', 'orderer'];

/** Checks that certificate, key and authority fit together and are what a channel and the chaincode take. */
export function checkIdentity(material: IdentityMaterial, nowUnixMs: number): readonly Finding[] {
  const { certificatePath, certificatePem } = material;
  const certificate = parseCertificate(certificatePem);
  if (certificate === undefined) {
    const text = `${certificatePath} holds no X.509 certificate in PEM`;
    return [
      failure('certificate', 'INVALID_CONFIG', text, 'name the file in signcerts of the user’s MSP folder'),
      ...(['key', 'validity', 'role', 'chain'] as const).map((check) =>
        skipped(check, 'needs a certificate'),
      ),
    ];
  }
  return [
    checkForm(certificate, material),
    checkKey(certificate, material),
    checkValidity('validity', 'The certificate', certificate, nowUnixMs, ENROL),
    checkRole(certificate),
    checkChain(certificate, material.authorityPems, nowUnixMs),
  ];
}

function parseCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    // What OpenSSL says of it helps nobody; the finding names the file.
    return undefined;
  }
}

/** The chaincode refuses certificates that two readers could read differently, so what it takes is stricter than PEM. */
function checkForm(
  certificate: X509Certificate,
  { certificatePath, certificatePem }: IdentityMaterial,
): Finding {
  if (!isUsableKey(certificate.publicKey)) {
    return failure(
      'certificate',
      'IDENTITY_NOT_CANONICAL',
      `${certificatePath} is for a key that is neither P-256 nor Ed25519`,
      'enrol with such a key; the chaincode takes no other',
    );
  }
  if (certificatePem.trimEnd() !== certificate.toString().trimEnd()) {
    return failure(
      'certificate',
      'IDENTITY_NOT_CANONICAL',
      `${certificatePath} holds more than one plain PEM block of one certificate`,
      `take out everything else: openssl x509 -in ${certificatePath} -out <file>, and name that file`,
    );
  }
  return ok('certificate', `of ${nameOf(certificate)}`);
}

function checkKey(
  certificate: X509Certificate,
  { certificatePath, privateKeyPath, privateKeyPem }: IdentityMaterial,
): Finding {
  let key: KeyObject;
  try {
    key = createPrivateKey(privateKeyPem);
  } catch {
    return failure(
      'key',
      'INVALID_CONFIG',
      `${privateKeyPath} holds no private key in PEM without a passphrase`,
      'name the file in keystore of the user’s MSP folder',
    );
  }
  if (certificate.checkPrivateKey(key)) return ok('key', 'belongs to the certificate');
  return failure(
    'key',
    'INVALID_CONFIG',
    `The key in ${privateKeyPath} is not that of the certificate in ${certificatePath}`,
    'name the key of this certificate; a keystore that was enrolled into twice holds several',
  );
}

function checkRole(certificate: X509Certificate): Finding {
  const subject = certificate.toLegacyObject().subject as { OU?: string | string[] } | undefined;
  const units = [subject?.OU ?? []].flat();
  const roles = UNITS.filter((unit) => units.includes(unit));
  if (roles.length === 1 && roles[0] === 'client') return ok('role', 'a client of its organisation (NodeOU)');
  const asClient = 'register and enrol an identity of type client for EKO';
  if (roles.length === 1 && roles[0] === 'admin') {
    return warning(
      'role',
      'an administrator of its organisation, who may revoke all of its streams, and approves and retires its nodes',
      `keep it for that; for a node or an application, ${asClient}`,
    );
  }
  if (roles.length === 0) {
    return failure(
      'role',
      'FORBIDDEN',
      "The certificate's role (NodeOU) is none of its own, not client",
      `${asClient}. Where the MSP of the channel has no NodeOUs, its administrators have no role either and nobody can ` +
        'approve its orchestrators and witnesses (eko node approve): enable NodeOUs in its config.yaml, or enrol these nodes ' +
        'with the attributes eko.role, eko.zone and eko.tags',
    );
  }
  const found = roles.join(' and ');
  return failure('role', 'FORBIDDEN', `The certificate's role (NodeOU) is ${found}, not client`, asClient);
}

function isUsableKey({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): boolean {
  return type === 'ed25519' || (type === 'ec' && details?.namedCurve === 'prime256v1');
}

const nameOf = ({ subject }: X509Certificate): string => subject.split('\n').reverse().join(', ');
