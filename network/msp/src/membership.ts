import { type KeyObject, X509Certificate } from 'node:crypto';
import { BoundedMap } from '@eko/protocol/encoding';
import { msp } from '@hyperledger/fabric-protos';
import type { NodeRole } from './certificate-authority';
import { decodePemBlock, isSignedBy } from '@eko/protocol/node';

/** A caller whose certificate was found to be of one of the channel's organisations. */
export interface Member {
  readonly mspId: string;
  readonly role: NodeRole | 'orderer';
  readonly publicKey: KeyObject;
  readonly validToUnixMs: number;
}

/** A caller who is not who it says, or not of this channel; the text is Fabric's. */
export class AccessDenied extends Error {
  override readonly name = 'AccessDenied';
}

const ROLES: readonly string[] = ['client', 'admin', 'peer', 'orderer'] satisfies Member['role'][];
/** Fabric has no such limit; what its text is longer than is not read here. */
const MAX_CERTIFICATE_BYTES = 64 * 1024;
/** Fabric looks at a certificate's chain as it was when the certificate began, plus this. */
const CHAIN_CHECK_DELAY_MS = 1000;
const MAX_REMEMBERED = 10_000;

/** The organisations of a channel and their root certificates: says who a serialised identity is. */
export class Membership {
  readonly #channelId: string;
  readonly #roots: ReadonlyMap<string, X509Certificate>;
  /** Verified certificates by the bytes that callers send; parsing and chain checks cost more than all else. */
  readonly #members = new BoundedMap<string, Member>(MAX_REMEMBERED);

  /** @param rootsPem the root certificate of each MSP ID */
  constructor(channelId: string, rootsPem: ReadonlyMap<string, string>) {
    this.#channelId = channelId;
    this.#roots = new Map([...rootsPem].map(([mspId, pem]) => [mspId, new X509Certificate(pem)]));
  }

  /**
   * Tells who sent a message. As for Fabric's MSP, a certificate may have expired or not have begun yet: whoever needs
   * one that has not expired asks `hasExpired`.
   *
   * @throws AccessDenied if the certificate does not chain to its MSP or has no single role, or if the signature does not
   *   hold
   */
  authenticate(creator: Uint8Array, message: Uint8Array, signature: Uint8Array): Member {
    const member = this.identify(creator);
    if (!isSignedBy(member.publicKey, message, signature)) throw this.#denied(member.mspId);
    return member;
  }

  /**
   * Tells whose certificate this is.
   *
   * @throws AccessDenied
   */
  identify(creator: Uint8Array): Member {
    const bytes = Buffer.from(creator.buffer, creator.byteOffset, creator.length).toString('latin1');
    const known = this.#members.get(bytes);
    if (known !== undefined) return known;
    const member = this.#verify(creator);
    this.#members.set(bytes, member);
    return member;
  }

  #verify(creator: Uint8Array): Member {
    const { mspId, pem } = decodeIdentity(creator) ?? {};
    const root = this.#roots.get(mspId ?? '');
    const certificate = parseCertificate(pem);
    if (mspId === undefined || root === undefined || certificate === undefined) throw this.#malformed();
    if (!isIssuedBy(certificate, root)) throw this.#malformed();
    const role = soleRole(certificate);
    if (certificate.ca || role === undefined) throw this.#denied(mspId);
    return { mspId, role, publicKey: certificate.publicKey, validToUnixMs: Date.parse(certificate.validTo) };
  }

  /** One text for every reason why an identity is none of the channel's, as Fabric gives it. */
  #malformed(): AccessDenied {
    return new AccessDenied(
      `access denied: channel [${this.#channelId}] creator org unknown, creator is malformed`,
    );
  }

  /** One text for every reason why an identity of an organisation is not good enough, as Fabric gives it. */
  #denied(mspId: string): AccessDenied {
    return new AccessDenied(`access denied: channel [${this.#channelId}] creator org [${mspId}]`);
  }
}

/** Whether a member's certificate has come to its end. */
export function hasExpired({ validToUnixMs }: Member): boolean {
  return validToUnixMs < Date.now();
}

function decodeIdentity(creator: Uint8Array): { mspId: string; pem: Uint8Array } | undefined {
  try {
    const identity = msp.SerializedIdentity.deserializeBinary(creator);
    return { mspId: identity.getMspid(), pem: identity.getIdBytes_asU8() };
  } catch {
    // Who sends what is no identity is told that it is malformed, whatever the decoder says.
    return undefined;
  }
}

function parseCertificate(pem: Uint8Array | undefined): X509Certificate | undefined {
  if (pem === undefined || pem.length > MAX_CERTIFICATE_BYTES) return undefined;
  const der = decodePemBlock(Buffer.from(pem).toString('latin1'));
  if (der === undefined) return undefined;
  try {
    const certificate = new X509Certificate(der);
    return certificate.raw.equals(der) ? certificate : undefined;
  } catch {
    // Who sends what is no certificate is told that it is malformed, whatever the parser says.
    return undefined;
  }
}

function isIssuedBy(certificate: X509Certificate, root: X509Certificate): boolean {
  const checkedAt = Date.parse(certificate.validFrom) + CHAIN_CHECK_DELAY_MS;
  const isRootValid = Date.parse(root.validFrom) <= checkedAt && checkedAt <= Date.parse(root.validTo);
  return isRootValid && certificate.checkIssued(root) && certificate.verify(root.publicKey);
}

/** The NodeOU of a certificate; nothing when it has none or several. */
function soleRole(certificate: X509Certificate): Member['role'] | undefined {
  const { OU: units } = certificate.toLegacyObject().subject as { OU?: string | string[] };
  const roles = [units ?? []].flat().filter((unit): unit is Member['role'] => ROLES.includes(unit));
  return roles.length === 1 ? roles[0] : undefined;
}
