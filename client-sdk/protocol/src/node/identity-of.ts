import { X509Certificate, type KeyObject } from 'node:crypto';
import { BoundedMap } from '../encoding/bounded-map';
import { readCertificateFacts, type OrganisationRole } from '../ledger/certificate-facts';
import { EkoError } from '../errors';
import { identityHash } from '../ledger/identity-hash';
import { fits } from '../encoding/schema-check';
import { MspId } from '../ledger/schemas/scalars';

/** Who submitted a transaction, as its certificate says. */
export interface CertifiedIdentity {
  readonly mspId: string;
  /** SHA-256 over MSP ID and public key, base64url. */
  readonly identity: string;
  /** The one that its certificate gives; none where that gives none, or several. It counts only together with `mspId`. */
  readonly role?: OrganisationRole;
  /** What Fabric CA wrote into the certificate, by name. It counts only together with `mspId`. */
  readonly attributes: ReadonlyMap<string, string>;
}

/** What a peer hands to chaincode as the creator of a transaction. */
export interface Creator {
  readonly mspid: string;
  readonly idBytes: Uint8Array;
}

const MAX_CREATOR_BYTES = 8192;
const PEM = /^-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/=\n]+)\n-----END CERTIFICATE-----\n?$/;
const LINE_LENGTH = /.{1,64}/g;
/** Submitters by their certificates, whole: reading one costs more than most transactions do otherwise. */
const known = new BoundedMap<string, CertifiedIdentity>(1024);
const ROLES: readonly OrganisationRole[] = ['client', 'admin', 'peer', 'orderer'];

/**
 * Who submitted a transaction, decided strictly: the creator must be one canonical PEM block and nothing else, so that
 * this reader and the peer's can never see two different certificates in it.
 *
 * @throws EkoError `IDENTITY_NOT_CANONICAL`
 * @see docs/protocol.md, "The ledger is the directory"
 */
export function identityOf(creator: Creator): CertifiedIdentity {
  if (!fits(MspId, creator.mspid)) return refuse('its MSP ID is not one short ASCII name');
  if (creator.idBytes.length > MAX_CREATOR_BYTES)
    return refuse(`it is longer than ${MAX_CREATOR_BYTES} bytes`);
  const name = `${creator.mspid}\n${Buffer.from(creator.idBytes).toString('latin1')}`;
  const met = known.get(name);
  if (met !== undefined) return met;
  const submitter = readIdentity(creator);
  known.set(name, submitter);
  return submitter;
}

function readIdentity(creator: Creator): CertifiedIdentity {
  const certificate = parseCertificate(derOf(creator.idBytes));
  const publicKey = certificate.publicKey;
  refuseForeignKey(publicKey);
  const identity = identityHash(creator.mspid, publicKey.export({ type: 'spki', format: 'der' }));
  const facts = readCertificateFacts(certificate.raw);
  if (facts === undefined) return refuse('its certificate has another form than a strict reader takes');
  const { units, attributes } = facts;
  const [role, ...more] = units.filter(isRole);
  return {
    mspId: creator.mspid,
    identity,
    // Two roles are none: Fabric takes nobody for both, and only where its channel has roles at all.
    ...(role === undefined || more.length > 0 ? {} : { role }),
    attributes,
  };
}

function derOf(idBytes: Uint8Array): Buffer {
  const text = Buffer.from(idBytes).toString('latin1');
  const body = PEM.exec(text)?.[1];
  if (body === undefined) return refuse('it is not one PEM block of a certificate');
  const der = Buffer.from(body, 'base64');
  const canonical = der.toString('base64').match(LINE_LENGTH)?.join('\n');
  return canonical === body ? der : refuse('its base64 has another form than 64 characters a line');
}

function parseCertificate(der: Buffer): X509Certificate {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(der);
  } catch {
    // What the parser says of hostile bytes helps nobody and may differ between peers.
    return refuse('it holds no X.509 certificate');
  }
  return certificate.raw.equals(der) ? certificate : refuse('its certificate is not in DER');
}

function refuseForeignKey(key: KeyObject): void {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === 'ed25519' || (type === 'ec' && details?.namedCurve === 'prime256v1')) return;
  refuse('its key is neither P-256 nor Ed25519');
}

function isRole(unit: string): unit is OrganisationRole {
  return ROLES.some((role) => role === unit);
}

function refuse(why: string): never {
  throw new EkoError('IDENTITY_NOT_CANONICAL', `The submitter's certificate is refused: ${why}`);
}
