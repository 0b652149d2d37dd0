import { type KeyObject, X509Certificate } from 'node:crypto';
import { msp } from '@hyperledger/fabric-protos';
import type { NodeRole } from './certificate-authority';
import { isSignedBy } from './signature';

/** A caller whose certificate was found to be of one of the channel's organisations. */
export interface Member {
  readonly mspId: string;
  readonly role: NodeRole;
  readonly publicKey: KeyObject;
  readonly validToUnixMs: number;
}

/** A caller who is not who it says, or not of this channel; the text is Fabric's. */
export class AccessDenied extends Error {
  override readonly name = 'AccessDenied';
}

const ROLES: readonly string[] = ['client', 'admin', 'peer'] satisfies NodeRole[];
const MAX_CERTIFICATE_BYTES = 8 * 1024;
const MAX_REMEMBERED = 10_000;

/** The organisations of a channel and their root certificates: says who a serialised identity is. */
export class Membership {
  readonly #channelId: string;
  readonly #roots: ReadonlyMap<string, X509Certificate>;
  /** Verified certificates by the bytes that callers send; parsing and chain checks cost more than all else. */
  readonly #members = new Map<string, Member>();

  /** @param rootsPem the root certificate of each MSP ID */
  constructor(channelId: string, rootsPem: ReadonlyMap<string, string>) {
    this.#channelId = channelId;
    this.#roots = new Map([...rootsPem].map(([mspId, pem]) => [mspId, new X509Certificate(pem)]));
  }

  /**
   * Tells who sent a message.
   *
   * @throws AccessDenied if the certificate does not chain to its MSP, has expired or has no single role, or if the
   *   signature does not hold
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
    const member = this.#members.get(bytes) ?? this.#verify(creator);
    if (member.validToUnixMs < Date.now()) throw this.#denied(member.mspId);
    if (!this.#members.has(bytes)) this.#remember(bytes, member);
    return member;
  }

  #verify(creator: Uint8Array): Member {
    const { mspId, pem } = this.#decode(creator);
    const root = this.#roots.get(mspId);
    if (root === undefined) throw this.#denied(mspId);
    const certificate = this.#parse(mspId, pem);
    const isIssued = !certificate.ca && certificate.checkIssued(root) && certificate.verify(root.publicKey);
    const role = soleRole(certificate);
    const hasStarted = Date.parse(certificate.validFrom) <= Date.now();
    if (!isIssued || role === undefined || !hasStarted) throw this.#denied(mspId);
    return { mspId, role, publicKey: certificate.publicKey, validToUnixMs: Date.parse(certificate.validTo) };
  }

  #decode(creator: Uint8Array): { mspId: string; pem: Uint8Array } {
    try {
      const identity = msp.SerializedIdentity.deserializeBinary(creator);
      return { mspId: identity.getMspid(), pem: identity.getIdBytes_asU8() };
    } catch {
      throw this.#denied('unknown');
    }
  }

  #parse(mspId: string, pem: Uint8Array): X509Certificate {
    if (pem.length > MAX_CERTIFICATE_BYTES) throw this.#denied(mspId);
    try {
      return new X509Certificate(pem);
    } catch {
      throw this.#denied(mspId);
    }
  }

  #remember(bytes: string, member: Member): void {
    const [oldest] = this.#members.keys();
    if (this.#members.size >= MAX_REMEMBERED && oldest !== undefined) this.#members.delete(oldest);
    this.#members.set(bytes, member);
  }

  /** One text for every reason, as Fabric gives it. */
  #denied(mspId: string): AccessDenied {
    return new AccessDenied(`access denied: channel [${this.#channelId}] creator org [${mspId}]`);
  }
}

/** The NodeOU of a certificate; nothing when it has none or several. */
function soleRole(certificate: X509Certificate): NodeRole | undefined {
  const { OU: units } = certificate.toLegacyObject().subject as { OU?: string | string[] };
  const roles = [units ?? []].flat().filter((unit): unit is NodeRole => ROLES.includes(unit));
  return roles.length === 1 ? roles[0] : undefined;
}
